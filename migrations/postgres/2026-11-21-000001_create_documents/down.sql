DROP TABLE arrival_registers;
DROP TABLE blobs;
DROP TABLE submissions;
DROP TABLE recipients;
DROP TABLE issued_numbers;
DROP TABLE documents;
