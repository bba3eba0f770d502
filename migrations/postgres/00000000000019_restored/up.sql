-- Mail that waited when a backup was restored is held until an administrator releases it: it may have been sent before.
ALTER TABLE outbox_mails ADD COLUMN is_held BOOLEAN NOT NULL DEFAULT false;
