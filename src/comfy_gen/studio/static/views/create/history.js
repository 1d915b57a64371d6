/** What was before, so that it can be again. Pure: states are values that nobody changes. */

/** Changes of the same thing within so many milliseconds are one step. */
export const TOGETHER = 1_000;
const MOST = 200;

/**
 * @template {Record<string, any>} State
 * @typedef {{ past: State[], present: State, future: State[], changed: string, at: number }} History
 */

/**
 * @template {Record<string, any>} State
 * @param {State} present
 * @returns {History<State>}
 */
export function begun(present) {
    return { past: [], present, future: [], changed: '', at: -Infinity };
}

/**
 * Name what differs between two states, in one word for all of it; empty where nothing does.
 * @param {Record<string, any>} before
 * @param {Record<string, any>} after
 */
export function difference(before, after) {
    return Object.keys(after)
        .filter((name) => !isSame(before[name], after[name]))
        .join(' ');
}

/**
 * Go on to a new state. What was typed in one go into one field is one step.
 * @template {Record<string, any>} State
 * @param {History<State>} history
 * @param {State} next
 * @param {number} now Milliseconds.
 * @returns {History<State>} The same where nothing changed.
 */
export function recorded(history, next, now) {
    const changed = difference(history.present, next);
    if (!changed) return history;
    const isOneStep = changed === history.changed && now - history.at < TOGETHER && history.past.length > 0;
    const past = isOneStep ? history.past : [...history.past, history.present].slice(-MOST);
    return { past, present: next, future: [], changed, at: now };
}

/**
 * @template {Record<string, any>} State
 * @param {History<State>} history
 * @returns {History<State>} The same where there is nothing to undo.
 */
export function undone(history) {
    const before = history.past.at(-1);
    if (!before) return history;
    const future = [history.present, ...history.future];
    return { past: history.past.slice(0, -1), present: before, future, changed: '', at: -Infinity };
}

/**
 * @template {Record<string, any>} State
 * @param {History<State>} history
 * @returns {History<State>} The same where nothing was undone.
 */
export function redone(history) {
    const [next, ...future] = history.future;
    if (!next) return history;
    return { past: [...history.past, history.present], present: next, future, changed: '', at: -Infinity };
}

/**
 * @param {unknown} one
 * @param {unknown} other
 */
function isSame(one, other) {
    return Object.is(one, other) || JSON.stringify(one) === JSON.stringify(other);
}
