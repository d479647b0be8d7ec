"""What a state shows: vortices, flux, moments, the fields a picture is made of."""
