-- Mail is limited by mailbox, sender and kommun, and its text is stored sealed.
ALTER TABLE outbox_mails ADD COLUMN is_sealed boolean NOT NULL DEFAULT false;
ALTER TABLE outbox_mails ADD COLUMN due_at timestamptz NOT NULL DEFAULT '1970-01-01T00:00:00Z';
ALTER TABLE outbox_mails ADD COLUMN mailbox text NOT NULL DEFAULT '';
ALTER TABLE outbox_mails ADD COLUMN sender text NOT NULL DEFAULT '';
ALTER TABLE outbox_mails ADD COLUMN kommun text;
ALTER TABLE outbox_mails ADD COLUMN is_limited boolean NOT NULL DEFAULT false;
CREATE INDEX outbox_mails_mailbox_idx ON outbox_mails (mailbox, due_at);
CREATE INDEX outbox_mails_sender_idx ON outbox_mails (sender, due_at);
CREATE INDEX outbox_mails_kommun_idx ON outbox_mails (kommun, due_at);

-- How often a link is asked for is counted by mailbox and by the wall clock.
ALTER TABLE links ADD COLUMN mailbox text NOT NULL DEFAULT '';
ALTER TABLE links ADD COLUMN issued_at timestamptz NOT NULL DEFAULT '1970-01-01T00:00:00Z';
CREATE INDEX links_mailbox_idx ON links (mailbox, issued_at);

-- An index that leaves rows out is no key that others could refer to. So a changed address locks the person no harder than other
-- changes, and rows that refer to the person can be inserted meanwhile.
DROP INDEX people_email_key;
CREATE UNIQUE INDEX people_email_key ON people (email) WHERE email IS NOT NULL;
