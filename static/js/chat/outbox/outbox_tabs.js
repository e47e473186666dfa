/** The channel on which the tabs of one account share changes of the outbox. */

/** @import { OutboxNews } from "./types.d.ts" */

/**
 * @param {string} account a user id: another account's tabs hear nothing
 * @param {(news: OutboxNews) => void} heard
 * @returns {(news: OutboxNews) => void} tells the others
 */
export function openOutboxTabs(account, heard) {
  const channel = new BroadcastChannel(`parley.outbox.${account}`);
  channel.onmessage = ({ data }) => heard(data);
  return (news) => channel.postMessage(news);
}
