-- Pushes that wait until somebody says that they are to be kept, and who said so.

ALTER TABLE devices_push ADD COLUMN attended BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE devices_push ADD COLUMN kept_by {{text}} NOT NULL DEFAULT '';
