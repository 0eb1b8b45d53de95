// AWS Secrets Manager as moto imitates it: a secret is read, replaced and found again, and what is not there is none.
import { awsSource, openSecrets } from "@holdfast/vault";
import { expect, test } from "vitest";

const endpoint = process.env["HOLDFAST_TEST_AWS"] ?? "";
const environment = {
  AWS_REGION: "eu-central-1",
  AWS_ACCESS_KEY_ID: "test",
  AWS_SECRET_ACCESS_KEY: "test",
  AWS_ENDPOINT_URL_SECRETS_MANAGER: `${endpoint}/`,
};

async function create(name: string, value: string): Promise<void> {
  const answer = await fetch(`${endpoint}/`, {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": "secretsmanager.CreateSecret",
      authorization:
        "AWS4-HMAC-SHA256 Credential=test/20260101/eu-central-1/secretsmanager/aws4_request, SignedHeaders=host, Signature=0",
    },
    body: JSON.stringify({ Name: name, SecretString: value }),
  });
  expect(answer.status).toBe(200);
}

test("a secret of AWS is read within its lease, replaced there, and taken up", async () => {
  await create("content/stripe", "first-value-of-it");
  let now = Date.now();
  const source = awsSource({ environment, now: () => now });
  const secrets = openSecrets({
    declarations: { stripeKey: { source: "aws", at: "content/stripe", leaseSeconds: 60, rotateSeconds: null } },
    sources: { vault: source, environment: source, file: source, aws: source },
    now: () => now,
    everyMs: 0,
  });
  expect(await secrets.read("stripeKey")).toBe("first-value-of-it");
  await awsSource({ environment, now: () => now }).write?.("content/stripe", "second-value-of-it");
  expect(await secrets.read("stripeKey")).toBe("first-value-of-it");
  now += 60_000;
  expect(await secrets.read("stripeKey")).toBe("second-value-of-it");
  expect((await secrets.states())[0]?.changedAt).toBeTypeOf("number");
  expect(await source.read("content/none")).toBeUndefined();
});
