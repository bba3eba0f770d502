-- A decision about a kommun asks who speaks, signs and coordinates for it, in every programme.
CREATE INDEX applications_case_idx ON applications (kommunkod);
CREATE INDEX avsiktsforklaringar_case_idx ON avsiktsforklaringar (kommunkod);
