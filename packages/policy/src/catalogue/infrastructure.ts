// The AWS security baseline.
import { attackInterval, controlsOf } from "./control.ts";

export const infrastructure = controlsOf(
  {
    kind: "measure",
    phase: "Phase 1: Foundation Security (3 weeks)",
    section: "Week 1: Infrastructure Security",
    intervalSeconds: attackInterval,
  },
  [
    {
      id: "aws-iam",
      line: "IAM roles and policies",
      sentence:
        "Every AWS role may do only what the policy's services need, without wildcards on actions or resources.",
      layers: ["cloud"],
      subjects: ["AWS IAM least privilege", "Least privilege for service and database roles"],
      checks: [],
    },
    {
      id: "aws-network",
      line: "Security groups and NACLs",
      sentence:
        "Only the load balancer is reachable from the internet; every other port accepts only the peers the policy names.",
      layers: ["cloud"],
      subjects: ["Network policy / segmentation", "SSRF and egress allow-list"],
      checks: [],
    },
    {
      id: "aws-vpc",
      line: "VPC security configuration",
      sentence:
        "Services and databases live in private subnets without a public address, and flow logs record who talks to whom.",
      layers: ["cloud"],
      subjects: ["Network policy / segmentation", "AWS trail and config recording"],
      checks: [],
    },
    {
      id: "aws-waf",
      line: "WAF rules implementation",
      sentence:
        "A web application firewall in front of the edge refuses known attack patterns and floods before they reach the gateway.",
      layers: ["cloud", "edge"],
      subjects: ["WAF / edge filtering, smuggling", "Rate limiting"],
      checks: [],
    },
    {
      id: "aws-shield",
      line: "Shield protection setup",
      sentence: "Shield covers every public endpoint, and its alarms reach the same alerts as our own.",
      layers: ["cloud", "monitoring"],
      subjects: ["DDoS resilience"],
      checks: [],
    },
  ],
);
