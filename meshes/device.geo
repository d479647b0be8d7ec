// A film with three things that no other layout knows, lengths in coherence lengths: an inclusion
// whose edge region is not equally wide all round, a slot, and a wedge of another superconductor.
SetFactory("OpenCASCADE");
Rectangle(1) = {-30, -20, 0, 60, 40};

// the inclusion: the core is an ellipse, the edge region ends at a larger one beside it
Disk(2) = {-12, 2, 0, 14, 12};
Disk(3) = {-13, 2, 0, 7, 6};

// the slot is vacuum, the wedge a weaker superconductor
Rectangle(4) = {12, 6, 0, 10, 4, 1.5};
Point(101) = {8, -14, 0};
Point(102) = {24, -14, 0};
Point(103) = {16, -4, 0};
Line(101) = {101, 102};
Line(102) = {102, 103};
Line(103) = {103, 101};
Curve Loop(101) = {101, 102, 103};
Plane Surface(5) = {101};

// surfaces that share their curves; 3, 4 and 5 keep their numbers
BooleanFragments{ Surface{1}; Delete; }{ Surface{2, 3, 4, 5}; Delete; }
edge() = Surface In BoundingBox{-26.1, -10.1, -1, 2.1, 14.1, 1};
edge() -= {3};
film() = Surface{:};
film() -= {edge(), 3, 4, 5};
Physical Surface("host", 1) = {film()};
Physical Surface("core", 2) = {3};
Physical Surface("edge", 3) = {edge()};
Physical Surface("slot", 4) = {4};
Physical Surface("wedge", 5) = {5};

MeshSize{:} = 1.2;
