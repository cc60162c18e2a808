// Times as officers read them.

/** @param {string | number} moment ISO text or milliseconds @returns {string} 14:05 */
export function shortTime(moment) {
  const how = /** @type {const} */ ({ hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Shanghai" });
  return new Date(moment).toLocaleTimeString("zh-CN", how);
}

/** @param {number | null | undefined} milliseconds null where there is none */
export function age(milliseconds) {
  if (milliseconds === null || milliseconds === undefined) return "没有";
  const minutes = Math.floor(milliseconds / 60_000);
  if (minutes < 1) return "刚更新";
  if (minutes < 60) return `${minutes} 分钟前`;
  return minutes < 1440 ? `${Math.floor(minutes / 60)} 小时前` : `${Math.floor(minutes / 1440)} 天前`;
}
