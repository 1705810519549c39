import { describe, expect, it } from "vitest";
import { decideMembers, type Member, type MemberWishes } from "./decide-members.ts";

const current: Member[] = [
  { email: "willa@x.example", role: "owner" },
  { email: "ida@x.example", role: "inbox_manager" },
  { email: "sam@x.example", role: "setter" },
];

describe("decideMembers (R41)", () => {
  it.each<[string, MemberWishes, string[]]>([
    ["leaves everybody when nothing is said", {}, ["willa owner", "ida inbox_manager", "sam setter"]],
    [
      "replaces one list and leaves the other",
      { setters: ["ana@x.example"] },
      ["willa owner", "ida inbox_manager", "ana setter"],
    ],
    ["clears a list", { inboxManagers: [] }, ["willa owner", "sam setter"]],
    [
      "moves somebody from one list to the other",
      { setters: ["ida@x.example"], inboxManagers: [] },
      ["willa owner", "ida setter"],
    ],
    [
      "gives who is on both lists the stronger role",
      { setters: ["ana@x.example"], inboxManagers: ["ana@x.example"] },
      ["willa owner", "ana inbox_manager"],
    ],
    ["never weakens an owner", { setters: ["willa@x.example"] }, ["willa owner", "ida inbox_manager"]],
    [
      "adds an owner beside the others",
      { owner: "sam@x.example" },
      ["willa owner", "ida inbox_manager", "sam owner"],
    ],
  ])("%s", (_, wishes, expected) => {
    const { members } = decideMembers(current, wishes);
    expect(members.map(({ email, role }) => `${email.split("@")[0]} ${role}`)).toEqual(expected);
  });

  it("names what is new and who goes", () => {
    expect(decideMembers(current, { setters: ["ana@x.example"] })).toMatchObject({
      changed: [{ email: "ana@x.example", role: "setter" }],
      removed: ["sam@x.example"],
    });
  });
});
