/** The channel on which the tabs of one account share changes of the outbox. */

/** @import { News } from "./outbox.js" */

/**
 * @param {string} account a user id: another account's tabs hear nothing
 * @param {(news: News) => void} heard
 * @returns {(news: News) => void} tells the others
 */
export function openOutboxTabs(account, heard) {
  const channel = new BroadcastChannel(`parley.outbox.${account}`);
  channel.onmessage = ({ data }) => heard(data);
  return (news) => channel.postMessage(news);
}
