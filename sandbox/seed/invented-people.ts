import { pickNumber, pickOne, type Random } from "../random.ts";

const FIRST_NAMES =
  "Aaliyah Adrian Agnes Aiden Alejandra Alice Amara Amir Ana Andrew Anika Anton Ava Beatriz Ben Bianca Bram Bridget Caleb Camille Carlos Carmen Cedric Chiara Chloe Clara Colin Connor Daniela Darius David Delia Dev Diana Diego Dmitri Eleanor Elena Eli Emeka Emma Erik Esther Eva Fatima Felix Fiona Gabriel Georgia Gideon Grace Hana Hannah Harriet Hector Henrik Ibrahim Imani Ines Ingrid Isaac Isabel Ivan Jada James Jasmine Javier Jonas Josephine Julia Kai Karim Katya Keisha Kenji Klara Lars Laura Leah Leila Leo Lina Liam Lucia Luis Maeve Magnus Malik Marco Margot Maria Marta Mateo Maya Mei Mila Mohammed Nadia Naomi Nathan Nia Niko Noor Nora Oliver Olivia Omar Oscar Owen Paolo Petra Pia Priya Quinn Rafael Rania Rebecca Ren Rosa Ruben Ruth Sami Sara Sasha Sean Selma Silas Simone Sofia Stefan Tara Tariq Theo Thomas Tomas Uma Valentina Vera Victor Vivian Wanda Wes Willa Xavier Yara Yusuf Zara Zoe".split(
    " ",
  );
const LAST_NAMES =
  "Abbott Achebe Adler Ahmed Alvarez Andersen Aoki Baker Banerjee Barnes Becker Bell Bergström Blake Boateng Brandt Brooks Bui Callahan Campbell Castro Chen Chowdhury Clarke Cohen Cole Costa Cruz Dalton Das Delgado Dietrich Doyle Dubois Duarte Eaton Eriksen Espinoza Evans Farah Fernandes Fischer Fleming Foster Garcia Gardner Gill Goldberg Gomez Graham Grant Greene Gupta Haddad Hale Hansen Harper Hayes Herrera Hoffmann Holt Huang Hughes Ibarra Iyer Jansen Jensen Jimenez Johansson Kapoor Kaur Keller Kelly Khan Kim Klein Kowalski Kumar Lam Lang Larsen Laurent Leblanc Lee Lindqvist Lopez Lowe Marino Marsh Martin Mbeki Mehta Mendez Meyer Miller Mitchell Moreau Morgan Moss Müller Murphy Nakamura Nasser Navarro Nguyen Nielsen Novak Obi Olsen Ortega Osei Owens Park Patel Pereira Petrov Phillips Pires Popov Porter Price Quintero Ramos Reed Reyes Ricci Rivera Roberts Rossi Roux Russo Saito Salazar Sanders Santos Schmidt Schneider Shah Sharma Silva Singh Sorensen Stein Suzuki Tanaka Taylor Torres Tran Turner Varga Vargas Vega Vogel Wagner Walsh Wang Weber Weiss Wilson Wolf Wong Yamamoto Yilmaz Young Zhang Zimmermann".split(
    " ",
  );
const COMPANY_HEADS =
  "Amber Anchor Arbor Atlas Beacon Birch Bluebird Brightwater Cascade Cedar Cinder Clearview Cobalt Copper Crestline Dune Eastgate Elm Ember Everly Fable Falcon Fern Foxglove Granite Greenfield Grove Halcyon Hazel Heron Highland Hollow Indigo Ironwood Juniper Kestrel Keystone Lakeside Lantern Larkspur Linden Lumina Maple Marigold Meadow Meridian Midtown Mosaic Nimbus Oakline Olive Orchard Osprey Palisade Pinecrest Pioneer Prairie Quarry Redwood Ridgeway Riverbend Rowan Saffron Sagebrush Silverline Skyline Solstice Sparrow Stonebridge Summit Sunridge Sycamore Tamarack Thistle Timber Trellis Upland Verdant Vista Wildflower Willow Windward Wren Yarrow Zephyr".split(
    " ",
  );
const COMPANY_TAILS =
  "Advisory Analytics Architects Bakery Books Capital Care Clinics Coffee Construction Consulting Creative Design Digital Engineering Events Fitness Foods Freight Furniture Health Homes Hotels Insurance Interiors Labs Law Legal Logistics Manufacturing Marketing Media Outdoors Partners Pets Pharmacy Physio Properties Recruiting Robotics Roofing Software Solar Studio Supply Textiles Travel Tutoring Ventures".split(
    " ",
  );
const PERSONAL_HOSTS = ["mailbox.example", "inbox.example", "postbox.test", "letters.example"];

/** US area codes with the block of numbers that is kept free for fiction. */
const US_AREAS = [
  202, 206, 212, 213, 214, 303, 305, 312, 313, 404, 415, 503, 512, 602, 612, 615, 617, 619, 702, 704, 713,
  716, 720, 801, 813, 816, 904, 916, 919, 971,
];

const REGIONS = [
  { zone: "America/New_York", weight: 30, country: "US" },
  { zone: "America/Chicago", weight: 20, country: "US" },
  { zone: "America/Denver", weight: 10, country: "US" },
  { zone: "America/Phoenix", weight: 4, country: "US" },
  { zone: "America/Los_Angeles", weight: 18, country: "US" },
  { zone: "Europe/London", weight: 8, country: "GB" },
  { zone: "Europe/Berlin", weight: 5, country: "DE" },
  { zone: "Europe/Paris", weight: 3, country: "FR" },
  { zone: "Europe/Madrid", weight: 2, country: "ES" },
];

export type InventedPerson = {
  name: string;
  firstName: string;
  lastName: string;
  email: string;
  personalEmail: string;
  phone: string | null;
  company: string;
  timezone: string;
};

/** Invents people one after the other; no two of them share an address or a number. */
export function createPeopleInventor(random: Random): () => InventedPerson {
  const taken = new Set<string>();
  let serial = 0;
  return () => {
    serial += 1;
    const firstName = pickOne(random, FIRST_NAMES);
    const lastName = pickOne(random, LAST_NAMES);
    const company = `${pickOne(random, COMPANY_HEADS)} ${pickOne(random, COMPANY_TAILS)}`;
    const domain = `${plain(company).replaceAll(" ", "")}.${random.next() < 0.8 ? "example" : "test"}`;
    const first = plain(firstName);
    const last = plain(lastName).replaceAll(" ", "");
    const styles = [`${first}.${last}`, `${first.charAt(0)}${last}`, first, `${first}_${last}`];
    const email = claim(taken, pickOne(random, styles), domain);
    const personalEmail = claim(
      taken,
      `${first}${last}${pickNumber(random, 2, 98)}`,
      pickOne(random, PERSONAL_HOSTS),
    );
    const region = pickRegion(random);
    return {
      name: `${firstName} ${lastName}`,
      firstName,
      lastName,
      email,
      personalEmail,
      phone: random.next() < 0.85 ? inventPhone(region.country, serial) : null,
      company,
      timezone: region.zone,
    };
  };
}

function claim(taken: Set<string>, local: string, domain: string): string {
  let email = `${local}@${domain}`;
  for (let tail = 2; taken.has(email); tail += 1) email = `${local}${tail}@${domain}`;
  taken.add(email);
  return email;
}

function pickRegion(random: Random): { zone: string; country: string } {
  const total = REGIONS.reduce((sum, region) => sum + region.weight, 0);
  let at = random.next() * total;
  for (const region of REGIONS) {
    at -= region.weight;
    if (at < 0) return region;
  }
  return { zone: "America/New_York", country: "US" };
}

function inventPhone(country: string, serial: number): string {
  const tail = (digits: number) => String(serial % 10 ** digits).padStart(digits, "0");
  if (country === "GB") return `+44207946${tail(4)}`;
  if (country === "DE") return `+493023125${tail(4)}`;
  if (country === "FR") return `+33199${tail(6)}`;
  if (country === "ES") return `+3491${tail(7)}`;
  const area = US_AREAS[Math.floor(serial / 100) % US_AREAS.length] ?? 202;
  return `+1${area}55501${tail(2)}`;
}

function plain(text: string): string {
  return text
    .normalize("NFD")
    .replaceAll(/[\u0300-\u036f]/g, "")
    .toLowerCase();
}
