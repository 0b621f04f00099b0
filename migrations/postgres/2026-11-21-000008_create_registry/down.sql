DROP TABLE registry_conflicts;
DROP TABLE registry_snapshots;
