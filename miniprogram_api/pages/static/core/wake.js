// Keeping the screen on while a code is shown, where the phone lets us.

/** @returns {() => void} let it sleep again */
export function stayAwake() {
  if (!("wakeLock" in navigator)) return () => undefined;
  /** @type {WakeLockSentinel | null} */
  let lock = null;
  let wanted = true;
  async function hold() {
    if (document.visibilityState !== "visible") return;
    try {
      lock = await navigator.wakeLock.request("screen");
      if (!wanted) lock.release();
    } catch {
      // A phone that saves its battery refuses; the code shows all the same.
    }
  }
  hold();
  document.addEventListener("visibilitychange", hold);
  return () => {
    wanted = false;
    document.removeEventListener("visibilitychange", hold);
    lock?.release().catch(() => undefined);
  };
}
