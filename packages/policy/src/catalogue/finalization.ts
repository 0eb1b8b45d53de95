// People and papers.
import { attackInterval, controlsOf } from "./control.ts";

export const finalization = controlsOf(
  {
    kind: "measure",
    phase: "Phase 4: Monitoring & Compliance (3 weeks)",
    section: "Week 14: Finalization",
    intervalSeconds: attackInterval,
  },
  [
    {
      id: "security-protocols",
      line: "Security protocols",
      sentence:
        "Written procedures say who does what for each task and alert, and each has an owner and a date of review.",
      layers: ["people"],
      subjects: ["Security policies, yearly review", "Operating procedures and checklists"],
      checks: [],
    },
    {
      id: "incident-response-plan",
      line: "Incident response plan",
      sentence: "A plan names roles, steps and deadlines for each kind of incident, and is exercised.",
      layers: ["people"],
      subjects: ["Incident response plan", "Incident exercise / tabletop"],
      checks: [],
    },
    {
      id: "security-training",
      line: "Security training",
      sentence: "Everybody with access has completed the current training, and shows it by answers rather than a tick.",
      layers: ["people"],
      subjects: ["Security training and attestation"],
      checks: [],
    },
    {
      id: "compliance-documentation",
      line: "Compliance documentation",
      sentence: "For each outside framework there is a current document of what answers it and the evidence behind it.",
      layers: ["people"],
      subjects: ["Compliance status review (monthly)", "Supplier and cloud service review"],
      checks: [],
    },
    {
      id: "final-review",
      line: "Final security review",
      sentence:
        "Before release somebody other than the authors reviews every control that is not held, and accepts or refuses it by name.",
      layers: ["people"],
      subjects: ["Security audit / final review", "Exceptions / risk acceptance"],
      checks: [],
    },
  ],
);
