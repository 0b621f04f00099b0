DROP TABLE acts;
DROP TABLE signings;
DROP TABLE inbox;
DROP TABLE transfers;
DROP TABLE reports;
DROP TABLE evidence;
DROP TABLE deliveries;
