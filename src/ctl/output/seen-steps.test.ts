import { describe, expect, test } from "vitest";
import { aStep } from "../../../test/builders/ctl-details.ts";
import {
  hasNewStep,
  renderCompletedSteps,
  renderEndedSteps,
  renderSeenSteps,
  type SeenSteps,
  withStep,
} from "./seen-steps.ts";

function trailOf(...steps: readonly ReturnType<typeof aStep>[]): SeenSteps {
  const [first = aStep("fetch"), ...rest] = steps;
  return rest.reduce<SeenSteps>(withStep, withStep(null, first));
}

const upToHealth = [
  aStep("fetch"),
  aStep("check", { detail: "nginx -t" }),
  aStep("publish"),
  aStep("unit", { detail: "systemctl reload" }),
  aStep("health", { probe: "healthy 3/10 s" }),
];

describe("the trail of a deployment", () => {
  test("lists completed steps first, and the health last", () => {
    const trail = trailOf(...upToHealth, aStep("health", { probe: "healthy 4/10 s" }));
    expect(renderSeenSteps(trail)).toBe("fetched · checked (nginx -t) · live · reloaded · healthy 4/10 s");
    expect(renderCompletedSteps(trail)).toBe("fetched · checked (nginx -t) · live · reloaded · healthy");
  });

  test("leaves out probes of an ended deployment, and says nothing about its result", () => {
    expect(renderEndedSteps(trailOf(...upToHealth))).toBe(
      "fetched · checked (nginx -t) · live · reloaded · health",
    );
  });

  test("does not say that the step is done which is under way", () => {
    expect(renderSeenSteps(trailOf(...upToHealth.slice(0, 2)))).toBe("fetched · check (nginx -t)");
    expect(renderSeenSteps(trailOf(aStep("health")))).toBe("health");
  });

  test("shows the systemctl verb when there is no better word", () => {
    const unit = (verb: string) => aStep("unit", { detail: `systemctl ${verb}` });
    expect(renderCompletedSteps(trailOf(unit("daemon-reload"), unit("try-restart")))).toBe(
      "units read again · unit told (systemctl try-restart)",
    );
  });

  test("a step that arrives late or twice is not added again", () => {
    const trail = trailOf(...upToHealth);
    expect(withStep(trail, aStep("publish"))).toEqual(trail);
    expect(trailOf(aStep("fetch"), aStep("fetch"))).toHaveLength(1);
  });

  test("starts over with the next deployment, such as the way back", () => {
    const back = withStep(trailOf(...upToHealth), aStep("publish", { since: "2026-03-05T12:01:00Z" }));
    expect(renderSeenSteps(back)).toBe("publish");
  });

  test("has a new step when one begins, not when its probes say more", () => {
    const [fetch, checks] = [trailOf(aStep("fetch")), trailOf(aStep("fetch"), aStep("check"))];
    expect([hasNewStep(null, fetch), hasNewStep(fetch, checks), hasNewStep(checks, checks)]).toEqual([
      true,
      true,
      false,
    ]);
  });
});
