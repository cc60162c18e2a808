// What the checkpoint page's modules hand each other, and the answers of its endpoints.

export type Outcome = "passes" | "refused" | "out_of_date" | "cannot_be_checked";
export type Colour = "grey" | "green" | "yellow" | "red";

/** What the officer is shown after a scan. */
export interface Told {
  outcome: Outcome;
  outcome_name: string;
  colour: Colour | null;
  colour_name: string;
  reason: string;
  next_step: string;
  first_character: string;
  last_four: string;
  /** 铜仁; empty where no code was read. */
  issuer_name: string;
  warning: string;
}

/** Somebody aboard a vehicle, as the officer may know. */
export interface Looked {
  id: string;
  number: number;
  seat: string;
  outcome: Outcome;
  outcome_name: string;
  colour: Colour | null;
  colour_name: string;
  reason: string;
  next_step: string;
  first_character: string;
  last_four: string;
}

/** Everybody aboard, whoever doesn't pass first. */
export interface VehicleList {
  id: string;
  vehicle: string;
  mode_name: string;
  state_name: string;
  server_time: string;
  /** The vehicle only passes through the officer's region. */
  transit: boolean;
  passes: number;
  refused: number;
  colours: Record<Colour, number>;
  people: Looked[];
}

export interface PublicKey {
  /** Hexadecimal. */
  kid: string;
  /** Coordinates in base64url, as a JWK has them. */
  x: string;
  y: string;
}

/** Of an issuer of codes. */
export interface Key extends PublicKey {
  issuer: string;
  /** 铜仁 */
  name: string;
  /** Seconds since 1970. */
  retired_at: number | null;
}

/** The issuers' keys as a signed list had them. */
export interface KeyList {
  keys: Key[];
  /** When it was signed: milliseconds since 1970; 0 where there is none yet. */
  dated: number;
}

/** Which codes that were given ahead are good no more, as a signed list had them. */
export interface DeniedList {
  /** Heads of pseudonyms, hexadecimal. */
  heads: string[];
  /** When it was signed: milliseconds since 1970; 0 where there is none yet. */
  dated: number;
}

export interface Place {
  id: string;
  name: string;
  region_name: string;
}

export interface Post {
  operator: { id: string; name: string };
  office: { id: string; name: string };
  places: Place[];
  /** Of a temporary officer: when the shift ends. */
  until: string | null;
}

/** What a code says. Times are seconds since 1970. */
export interface Claims {
  issuer: string;
  expires: number;
  issued: number;
  /** From when a code that was given ahead is good; null for one that is shown as it is issued. */
  begins: number | null;
  /** Of the pseudonym, hexadecimal. */
  head: string;
  issuer_name: string;
  colour: Colour;
  first_character: string;
  last_four: string;
  until: number | null;
}

/** A scan that has to reach the server. */
export interface Waiting {
  request_key: string;
  text: string;
  place_id: string | null;
  operator_id: string;
  /** Milliseconds of the phone's clock. */
  scanned_at: number;
  /** What the officer was shown without a network; null when nothing was. */
  shown: Told | null;
  /** The server was asked and could not be reached. */
  waits: boolean;
  /** Degrees that were measured of whose code it is; null for the scan itself. */
  temperature: number | null;
}

/** A photo, encrypted, that has to reach the server after its scan. */
export interface WaitingPhoto {
  key: string;
  /** The scan's own key. */
  scan: string;
  operator: string;
  /** Milliseconds of the phone's clock. */
  taken_at: number;
  iv: Uint8Array<ArrayBuffer>;
  data: ArrayBuffer;
}

/** What the server says of a temperature. */
export interface Measured {
  fever: boolean;
  colour_name: string;
  reason: string;
}

export type Cbor = number | bigint | string | Uint8Array | boolean | null | Cbor[] | Map<Cbor, Cbor>;
