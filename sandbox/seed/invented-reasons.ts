/** What people really write when they cancel. */
export const INVITEE_REASONS = [
  "Something came up at work, will rebook next week",
  "Sorry, double booked",
  "Kid is home sick today",
  "We decided to go with another vendor for now",
  "Need to push this until after quarter end",
  "Traveling, won't have signal",
  "Can we do this in January instead?",
  "Conflict with board meeting",
  "No longer with the company - please reach out to my colleague",
  "Budget got frozen, let's reconnect in spring",
  "Dentist appointment moved, same slot :(",
  "Wrong time zone, I thought this was 2pm my time",
  "my boss wants to join, will find a new time with him",
  "Not a priority right now",
  "Feeling under the weather",
  "Flight delayed",
  "I'd rather get the info by email first",
  "Accidentally booked twice",
  "Last minute client call",
  "School pickup, can't make it anymore",
  "We already got what we needed from the webinar",
  "Jury duty!",
  "Internet is down in the whole building",
  "need more time to gather numbers before we talk",
  "Contract with current provider renewed until June",
];

export const HOST_REASONS = [
  "I'm out sick today, please pick another time",
  "Conflict on our side, sorry for the short notice",
  "Rep is traveling",
  "Merging this with the Thursday call",
  "Public holiday in our office",
  "Please rebook with our onboarding team",
  "",
];

export const MOVE_REASONS = [
  "Need a later slot",
  "Meeting ran over, moving to next day",
  "Want my partner to join",
  "Same topic, better time",
  null,
];
