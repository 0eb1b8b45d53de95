-- Values sealed for each sealed column of the policy as its own values are: what a restored copy must be able to open, and, of a
-- subject whose keys were destroyed, must not. They lie here, so that no table of the application holds a row that is nobody's.
CREATE TABLE platform.sealed_canary (
  data_class text NOT NULL,
  row_key uuid NOT NULL,
  -- Whose value it is; null where the column's keys are nobody's in particular.
  subject uuid,
  -- Whether the subject's keys are destroyed.
  shredded boolean NOT NULL,
  value bytea NOT NULL,
  PRIMARY KEY (data_class, shredded)
);
REVOKE ALL ON platform.sealed_canary FROM PUBLIC;
GRANT SELECT, INSERT, UPDATE ON platform.sealed_canary TO holdfast_platform;
