-- fault
CREATE SCHEMA pgmq; CREATE TABLE pgmq.q_mail (id int PRIMARY KEY); INSERT INTO pgmq.q_mail VALUES (1); GRANT USAGE ON SCHEMA pgmq TO authenticated; GRANT SELECT ON pgmq.q_mail TO authenticated;

-- sound
CREATE SCHEMA pgmq; CREATE TABLE pgmq.q_mail (id int PRIMARY KEY); INSERT INTO pgmq.q_mail VALUES (1); GRANT USAGE ON SCHEMA pgmq TO authenticated; GRANT SELECT ON pgmq.q_mail TO authenticated;
ALTER TABLE pgmq.q_mail ENABLE ROW LEVEL SECURITY;
