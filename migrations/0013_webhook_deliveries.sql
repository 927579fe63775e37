-- What webhooks were told, and what is still to be told them.
CREATE TABLE extras_webhookdelivery (
    id {{id}},
    version BIGINT NOT NULL DEFAULT 1,
    search {{text}} NOT NULL DEFAULT '',
    time BIGINT NOT NULL,
    webhook_id BIGINT NOT NULL
        CONSTRAINT fk_webhookdelivery_webhook REFERENCES extras_webhook (id) ON DELETE CASCADE,
    change_id BIGINT
        CONSTRAINT fk_webhookdelivery_change REFERENCES core_objectchange (id) ON DELETE SET NULL,
    status {{text}} NOT NULL,
    test BOOLEAN NOT NULL,
    asked_by {{text}} NOT NULL,
    tries BIGINT NOT NULL,
    due BIGINT,
    receiver {{text}} NOT NULL,
    code BIGINT,
    milliseconds BIGINT,
    outcome {{text}} NOT NULL,
    answer {{text}} NOT NULL
);
CREATE INDEX ix_extras_webhookdelivery_time ON extras_webhookdelivery (time);
CREATE INDEX ix_extras_webhookdelivery_webhook ON extras_webhookdelivery (webhook_id);
CREATE INDEX ix_extras_webhookdelivery_change ON extras_webhookdelivery (change_id);
CREATE INDEX ix_extras_webhookdelivery_due ON extras_webhookdelivery (due);

