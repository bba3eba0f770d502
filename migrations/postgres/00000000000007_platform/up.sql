-- Signed copies of the audit chains' heads: a chain whose tail was cut together with its head is shorter than these say.
CREATE TABLE audit_checkpoints (
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    heads text NOT NULL,
    signature text NOT NULL,
    kid text NOT NULL,
    CONSTRAINT audit_checkpoints_pkey PRIMARY KEY (id)
);
CREATE INDEX audit_checkpoints_at_idx ON audit_checkpoints (at);

-- What has been sent stays as a fact, without its text: that holds single-use links.
UPDATE outbox_mails SET body = '' WHERE sent_at IS NOT NULL;
CREATE INDEX outbox_mails_sent_idx ON outbox_mails (sent_at) WHERE sent_at IS NOT NULL;

-- How many links an address was sent lately.
CREATE INDEX links_email_idx ON links (email, created_at);
