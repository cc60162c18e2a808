// The answers of /api/v1 as this client uses them, and what its own modules hand each other.

export type Purpose = "basic" | "sensitive" | "sharing";
export type Colour = "grey" | "green" | "yellow" | "red";
export type Relation = "self" | "family" | "leader";
export type HoldingState = "confirmed" | "pending" | "refused";

export interface Tokens {
  access_token: string;
  /** Seconds. */
  expires_in: number;
  refresh_token: string;
  account: { id: string; phone_mask: string | null };
}

export interface Terms {
  version: string;
  purposes: {
    purpose: Purpose;
    title: string;
    who: string;
    what: string;
    why: string;
    basis: string;
    /** How long it is kept. */
    kept: string;
    required: boolean;
    /** What doesn't work without it, and the other way. */
    otherwise: string;
  }[];
}

export interface Person {
  id: string;
  name_mask: string;
  resident_id_mask: string;
  relation: Relation;
  state: HoldingState;
  until: string | null;
  reason: string | null;
  /** What the clerk wrote. */
  note: string | null;
  verified: boolean;
  may_show: boolean;
}

export interface Me {
  account: { id: string; phone_mask: string | null; has_wechat: boolean };
  consents: Record<Purpose, boolean>;
  terms_version: string;
  people: Person[];
  unread: number;
  service_phone: string;
}

export interface Claimed {
  person_id: string;
  state: HoldingState;
  reason: string | null;
  message: string;
}

export interface Region {
  code: string;
  name: string;
}

export interface Reason {
  fact: string;
  until: string;
  /** The office that answers for it. */
  authority: string;
}

/** A health code as the server gave it. */
export interface Code {
  text: string;
  colour: Colour;
  colour_name: string;
  fact: string;
  reasons: Reason[];
  until: string | null;
  expires_at: string;
  issued_at: string;
  /** Since when the colour is what it is. */
  since: string | null;
  server_time: string;
  name_mask: string;
  last_four: string;
  next_step: { label: string; page: string } | null;
  pending: boolean;
}

/** A code with how far the phone's clock stands behind the server's, in milliseconds. */
export interface KeptCode {
  code: Code;
  offset: number;
  /** Of a code that was given ahead: when the last one of its pack ends. */
  offline_until?: string;
}

/** Codes that were given ahead, with what is shown beside each. */
export interface Pack extends Omit<Code, "text" | "issued_at" | "expires_at" | "since" | "next_step"> {
  codes: { text: string; good_from: string; expires_at: string }[];
}

export interface KeptPack {
  pack: Pack;
  offset: number;
}

export interface Position {
  lon: number;
  lat: number;
  /** Metres. */
  accuracy: number;
  datum: "gcj02" | "wgs84";
}

export interface Scanned {
  place: { name: string; region_name: string };
  presence: "proven" | "unproven";
  doubt: string | null;
  message: string;
}

export interface Positioned {
  presence: "proven" | "unproven";
  doubt: string | null;
}

/** One thing in the line of time. */
export interface Moment {
  kind: "stay" | "ride" | "seen" | "declared" | "declared_stay";
  kind_name: string;
  at: string;
  until: string | null;
  title: string;
  lines: string[];
  doubts: string[];
  proven: boolean;
}

export interface Timeline {
  days: { day: string; items: Moment[] }[];
  contradictions: number;
  marks: { name: string; lon: number; lat: number; proven: boolean; said: string }[];
  ways: { start: [number, number]; end: [number, number]; proven: boolean; said: string }[];
  review_number: string;
}

/** A journey that the person declared. */
export interface Journey {
  id: string;
  vehicle: "train" | "coach" | "flight" | "car";
  vehicle_name: string;
  number: string;
  seat: string;
  from_name: string;
  to_name: string;
  departs_at: string;
  arrives_at: string;
}

export interface Offer {
  id: string;
  vehicle: string;
  departs_at: string | null;
  free: number | null;
}

export interface Trip {
  /** Of the row on the roster. */
  id: string;
  /** The vehicle left without the person. */
  missed: boolean;
  offers: Offer[];
  title: string;
  vehicle: string | null;
  mode_name: string | null;
  departs_at: string | null;
  arrives_at: string | null;
  arrived_at: string | null;
  seat: string;
  origin_name: string;
  destination_name: string;
  state_name: string;
}

export interface Reader {
  at: string;
  office: string;
  purpose: string;
  fields: string[];
}

export interface Copy {
  id: string;
  made_at: string;
  sections: { name: string; title: string; columns: string[]; rows: string[][] }[];
}

export interface Message {
  id: string;
  person_id: string;
  title: string;
  body: string;
  page: string;
  created_at: string;
  read_at: string | null;
}

/** A reason of the colour that may be appealed. */
export interface Found {
  rule: string;
  colour: Colour;
  fact: string;
  authority: string;
  /** It was appealed already. */
  waiting: boolean;
}

export interface Appeal {
  id: string;
  rule: string;
  rule_name: string;
  fact: string;
  words: string;
  state: "open" | "proposed" | "upheld" | "refused";
  state_name: string;
  filed_at: string;
  /** None once it was answered. */
  due_at: string | null;
  office: string;
  /** The person stands at a door; the duty desk answers. */
  urgent: boolean;
  escalated: boolean;
  overdue: boolean;
  answer: string;
  answered_at: string | null;
  files: { id: string; kind: string; size: number }[];
  files_left: number;
}

export interface Appeals {
  /** The door at which the person is held up now; empty where nobody waits. */
  stopped_at: string;
  reasons: Found[];
  appeals: Appeal[];
}

export interface Certificate {
  id: string;
  number: string;
  institution: string;
  issued_on: string | null;
  valid_until: string | null;
  source_name: string;
  /** Where an officer photographed it. */
  place: string;
  state: "draft" | "waiting" | "confirmed" | "refused" | "withdrawn";
  state_name: string;
  expired: boolean;
  filed_at: string;
  office: string;
  decided_at: string | null;
  reason: string;
  needs_photo: boolean;
  may_withdraw: boolean;
}

/** What a colour may rest on beside declarations. */
export interface Facts {
  tests: {
    id: string;
    sampled_at: string;
    result: "positive" | "negative";
    result_name: string;
    laboratory: string;
    report_number: string;
    entered_by: string;
  }[];
  certificates: Certificate[];
  provinces: {
    province: string;
    name: string;
    destination: boolean;
    waiting: boolean;
    colour: Colour | null;
    sentence: string;
    asked_at: string | null;
    answered_at: string | null;
  }[];
}

/** A vehicle that the person leads. */
export interface Led {
  id: string;
  vehicle: string;
  mode_name: string;
  state: "waiting" | "on_the_way" | "returning" | "arrived" | "returned" | "cancelled" | "emptied";
  state_name: string;
  departs_at: string | null;
  departed_at: string | null;
}

export type Standing = "expected" | "aboard" | "struck" | "left";

/** Somebody on a vehicle's list. */
export interface Passenger {
  id: string;
  number: number;
  name: string;
  last_four: string;
  seat: string;
  colour: Colour;
  colour_name: string;
  colour_until: string | null;
  why_not: string;
  standing: Standing;
  at: string | null;
  words: string;
  /** Degrees Celsius. */
  temperature: number | null;
  measured_at: string | null;
  /** Used an account of their own within a day: nobody declares for them. */
  has_phone: boolean;
}

export interface VehicleList extends Led {
  title: string;
  /** The colours are as of this moment. */
  server_time: string;
  closed: boolean;
  stops: { name: string; after_minutes: number; hands_over: boolean }[];
  observation_seats: string[];
  people: Passenger[];
  counts: { at: string; place: string; heads: number; expected: number }[];
}

/** The code of a whole vehicle, as its leader shows it. */
export interface VehicleCode {
  text: string;
  issued_at: string;
  expires_at: string;
  server_time: string;
}

export type MarkKind =
  | "boarded"
  | "struck"
  | "added"
  | "swapped"
  | "counted"
  | "measured"
  | "observed"
  | "to_health"
  | "declared";

/** One thing that was written down aboard, until the server has it. */
export interface Mark {
  key: string;
  kind: MarkKind;
  /** By the phone's clock. */
  at: string;
  entry_id?: string;
  other_id?: string;
  name?: string;
  last_four?: string;
  seat?: string;
  place?: string;
  words?: string;
  heads?: number;
  /** Degrees Celsius. */
  temperature?: number;
  symptoms?: string[];
  contact?: boolean;
  abroad?: boolean;
  /** The person stands by and agrees to be declared for. */
  agreed?: boolean;
}

/** A printed identity card. */
export interface Card {
  id: string;
  number: string;
  version: number;
  office: string;
  issued_at: string;
  ends_at: string;
  counts: boolean;
  state_name: string;
}

/** What the server answered to one of them, for somebody to read. */
export interface Told {
  text: string;
  refused: boolean;
}

/** What the sign-in keeps on the phone. */
export interface Session {
  access_token: string;
  /** By the phone's clock, milliseconds. */
  ends: number;
  account_id: string;
}

/** The newest link of the chain of refresh tokens, with the session that came with it. */
export interface Refresh extends Session {
  refresh_token: string;
}

/** What the mini program's shell or an address hands over; it is read once. */
export interface Handed {
  wx?: string;
  phone?: string;
  q?: string;
  agreed?: string;
  /** The page to open. */
  page?: string;
  position?: Position;
}

export type Tab = "code" | "scan" | "inbox" | "mine";

/** A page that stands ready to be shown. */
export interface View {
  title: string;
  body: (Node | string | null | false | undefined)[];
  tab?: Tab;
  /** No way back: the page is the first of its kind. */
  first?: boolean;
  /** No visible heading: the page shows its own. */
  bare?: boolean;
  /** Called when the page is left. */
  leave?: () => void;
}

export type Page = (params: URLSearchParams) => View | Promise<View>;
