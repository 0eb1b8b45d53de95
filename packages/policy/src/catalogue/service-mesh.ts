// Services talking to services.
import { attackInterval, controlsOf } from "./control.ts";

export const serviceMesh = controlsOf(
  {
    kind: "measure",
    phase: "Phase 3: Service Security (4 weeks)",
    section: "Week 8-9: Service Mesh Security",
    intervalSeconds: attackInterval,
  },
  [
    {
      id: "mutual-tls",
      line: "Mutual TLS",
      sentence:
        "A service answers only peers that show a certificate of our authority; past the edge there is no way in.",
      layers: ["mesh"],
      subjects: ["Service mesh mTLS"],
      checks: ["NET-06"],
    },
    {
      id: "service-authentication",
      line: "Service authentication",
      sentence:
        "A service knows its caller by certificate, never by a header: headers that claim an identity are removed at the edge.",
      layers: ["mesh", "edge"],
      subjects: ["Service mesh mTLS", "Least privilege for service and database roles"],
      checks: ["NET-04"],
    },
    {
      id: "traffic-encryption",
      line: "Traffic encryption",
      sentence: "Traffic between services is encrypted with TLS 1.2 or later, and plain connections are refused.",
      layers: ["mesh"],
      subjects: ["Service mesh mTLS", "TLS everywhere"],
      checks: ["CRY-01", "NET-06"],
    },
    {
      id: "circuit-breakers",
      line: "Circuit breakers",
      sentence:
        "A service that fails or hangs is cut off within its timeout, others keep answering, and it is let back when it recovers.",
      layers: ["mesh", "edge"],
      subjects: ["DDoS resilience", "Availability > 99.99 %"],
      checks: [],
    },
    {
      id: "traffic-management",
      line: "Traffic management",
      sentence:
        "Requests reach only the service whose route they match; a foreign Host header neither routes nor poisons a cache.",
      layers: ["mesh", "edge"],
      subjects: ["WAF / edge filtering, smuggling"],
      checks: ["NET-05"],
    },
  ],
);
