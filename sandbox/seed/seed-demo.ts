import { createSeededIds, createSeededRandom, type Random } from "../random.ts";
import { createEmptyWorldData, World } from "../world.ts";
import type { Person, WorldData } from "../world-types.ts";
import { createDemoAccounts, type DemoAccount } from "./demo-accounts.ts";
import { createPeopleInventor, type InventedPerson } from "./invented-people.ts";
import { MeetingTimes } from "./meeting-times.ts";
import { PEOPLE_COUNTS, QUOTAS, STORIES, type Story } from "./story-quotas.ts";
import { type Character, StoryTeller } from "./story-teller.ts";
import { tellGroupEvents, tellStory } from "./tell-story.ts";

/** Three accounts with some 700 meetings and 2,500 people; the same seed and start give the same world. */
export function seedDemoWorld(seed: number, nowMs: number): WorldData {
  const world = new World({ ...createEmptyWorldData(nowMs), kind: "demo", seed });
  const random = createSeededRandom(seed);
  const ids = createSeededIds(random);
  const invent = createPeopleInventor(random);
  const times = new MeetingTimes(random, nowMs);
  for (const account of createDemoAccounts(world, ids, nowMs)) {
    const teller = new StoryTeller({ world, account, random, ids, times, nowMs });
    const characters = listStories(account, random).flatMap((story) =>
      createCharacters(teller, story, invent),
    );
    for (const character of characters) tellStory(teller, character, character.person.story as Story);
    tellGroupEvents(
      teller,
      characters.filter(({ person }) => person.story === "group_event"),
    );
    tellSharedEmails(teller, characters);
    world.people.push(...characters.map(({ person }) => person));
  }
  return world.toData({ offsetMs: 0, frozenMs: null });
}

/** One word per telling, in an order that chance decided. */
function listStories(account: DemoAccount, random: Random): Story[] {
  const quotas = QUOTAS[account.name];
  const stories = (Object.keys(STORIES) as Story[]).flatMap((story) =>
    Array.from({ length: quotas[story] ?? 0 }, () => story),
  );
  const taken = stories.length + (quotas.shared_email ?? 0);
  const rest = Array.from({ length: PEOPLE_COUNTS[account.name] - taken }, (): Story => "none");
  return shuffle([...stories, ...rest], random);
}

function createCharacters(teller: StoryTeller, story: Story, invent: () => InventedPerson): Character[] {
  const first = createCharacter(teller, story, invent());
  if (story !== "shared_email") return [first];
  const second = createCharacter(teller, story, { ...invent(), email: first.person.email });
  return [first, second];
}

function createCharacter(teller: StoryTeller, story: Story, invented: InventedPerson): Character {
  const person: Person = {
    id: `person-${teller.ids.highlevel()}`,
    account: teller.account.name,
    name: invented.name,
    email: invented.email,
    phone: invented.phone,
    company: invented.company,
    timezone: invented.timezone,
    ghlContactId: teller.account.highlevel
      ? teller.addContact(invented, teller.retype(invented.email))
      : null,
    story,
    isLead: story !== "unmatched_stranger",
    bookingEmail: null,
    inviteeIds: [],
    appointmentIds: [],
  };
  return { person, invented };
}

/** Two people behind one address: only the first of them books. */
function tellSharedEmails(teller: StoryTeller, characters: Character[]): void {
  const seen = new Set<string>();
  for (const character of characters) {
    const { person } = character;
    if (person.story !== "shared_email" || seen.has(person.email)) continue;
    seen.add(person.email);
    teller.meet(character, { from: 1, to: 12 });
  }
}

function shuffle<T>(rows: T[], random: Random): T[] {
  const shuffled = [...rows];
  for (let at = shuffled.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random.next() * (at + 1));
    // Both places are inside the list.
    [shuffled[at], shuffled[other]] = [shuffled[other] as T, shuffled[at] as T];
  }
  return shuffled;
}
