DROP TABLE mismatches;
DROP TABLE offers;
