// A service behind the gateway that says what it received: a real HTTPS server with a real client certificate check.
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { ServiceCertificate } from "@holdfast/vault";
import { upstreamTlsOptions } from "../upstream/tls.ts";

export interface ReceivedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

export interface StubService {
  readonly url: string;
  readonly received: ReceivedRequest[];
  close(): Promise<void>;
}

export type StubAnswer = (request: ReceivedRequest, response: ServerResponse) => void;

const echo: StubAnswer = (request, response) => {
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify({ method: request.method, url: request.url, body: request.body }));
};

export async function stubService(certificate: ServiceCertificate, answer: StubAnswer = echo): Promise<StubService> {
  const received: ReceivedRequest[] = [];
  const server = createServer(upstreamTlsOptions(certificate), (raw: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    raw.on("data", (chunk: Buffer) => chunks.push(chunk));
    raw.on("end", () => {
      const { method = "", url = "", headers, rawHeaders } = raw;
      const request = { method, url, headers, rawHeaders, body: Buffer.concat(chunks).toString("utf8") };
      received.push(request);
      answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${port}`,
    received,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
