-- fault
CREATE SCHEMA storage; CREATE TABLE storage.buckets (id text PRIMARY KEY, public boolean); CREATE TABLE storage.objects (id uuid PRIMARY KEY, bucket_id text); INSERT INTO storage.buckets VALUES ('avatars', true); ALTER TABLE storage.objects ENABLE ROW LEVEL SECURITY;
CREATE POLICY "anyone" ON storage.objects FOR SELECT USING (bucket_id = 'avatars');

-- sound
CREATE SCHEMA storage; CREATE TABLE storage.buckets (id text PRIMARY KEY, public boolean); CREATE TABLE storage.objects (id uuid PRIMARY KEY, bucket_id text); INSERT INTO storage.buckets VALUES ('avatars', true); ALTER TABLE storage.objects ENABLE ROW LEVEL SECURITY;
CREATE POLICY "own" ON storage.objects FOR SELECT TO authenticated USING (bucket_id = 'avatars' AND id IS NULL);
