DELETE FROM mails WHERE notice IN ('due-soon','overdue');
ALTER TABLE mails DROP CONSTRAINT mails_notice_check;
ALTER TABLE mails ADD CONSTRAINT mails_notice_check CHECK (notice IN ('arrived','accepted','refused','failed','change-asked','change-agreed','change-refused','change-overdue'));
DROP TABLE clocks;
