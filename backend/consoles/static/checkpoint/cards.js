// A printed identity card: it says who somebody is and nothing of health, so that the server alone can answer.

import { ask, Offline } from "./server.js";

/** @typedef {import("./types.js").Told} Told */

const PREFIX = "LHC1:";

/** @param {string} text */
export function isCard(text) {
  return text.normalize("NFKC").trim().toUpperCase().startsWith(PREFIX);
}

/**
 * Nothing of it waits for a network: what the person was told at the door can't be answered later.
 *
 * @param {string} text
 * @returns {Promise<{told: Told, alone: boolean, key: string}>} what to show, and the showing's own key; throws Refusal when the server wants something else
 */
export async function checkCard(text) {
  const request_key = crypto.randomUUID();
  try {
    return { told: await ask("cards", { text, request_key }), alone: false, key: request_key };
  } catch (fault) {
    if (!(fault instanceof Offline)) throw fault;
    return { told: unanswered(fault.message), alone: fault.message === "", key: request_key };
  }
}

/**
 * @param {string} said what the server said, if it was heard
 * @returns {Told}
 */
function unanswered(said) {
  return {
    outcome: "cannot_be_checked",
    outcome_name: "无法核验",
    colour: null,
    colour_name: "",
    reason: said || "身份卡上没有健康状况，要联网才能查，现在没有网络。",
    next_step: "请到有网络的地方再扫，或请对方用手机亮码、由家人的手机亮码。",
    first_character: "",
    last_four: "",
    issuer_name: "",
    warning: "",
  };
}
