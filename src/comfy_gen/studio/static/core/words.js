/** Writes numbers, sizes and times as people read them. Pure. */

const NUMBER = new Intl.NumberFormat('en');

/** @param {number} value */
export const count = (value) => NUMBER.format(value);

/**
 * @param {number} number
 * @param {string} word
 * @param {string} [several]
 */
export const amount = (number, word, several = `${word}s`) => `${count(number)} ${number === 1 ? word : several}`;

/**
 * Write seconds: "0.8 s", "42 s", "3 min 5 s", "2 h 10 min".
 * @param {number} seconds
 */
export function duration(seconds) {
    if (seconds < 10) return `${Math.max(0, seconds).toFixed(1).replace(/\.0$/, '')} s`;
    const whole = Math.round(seconds);
    if (whole < 60) return `${whole} s`;
    const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
    if (hours) return minutes ? `${hours} h ${minutes} min` : `${hours} h`;
    return rest ? `${minutes} min ${rest} s` : `${minutes} min`;
}

/**
 * Write how long ago a moment was.
 * @param {number} at Seconds since 1970.
 * @param {number} now
 */
export function ago(at, now) {
    const seconds = now - at;
    if (seconds < 10) return 'just now';
    if (seconds < 86_400) return `${duration(seconds < 60 ? seconds : Math.floor(seconds / 60) * 60)} ago`;
    return new Date(at * 1000).toLocaleDateString(undefined, { day: 'numeric', month: 'short', year: 'numeric' });
}

/** @param {number} at Seconds since 1970. */
export const moment = (at) => new Date(at * 1000).toLocaleString();

/**
 * Write bytes: "812 B", "1.4 MB", "11.9 GB".
 * @param {number} bytes
 */
export function size(bytes) {
    let left = bytes;
    for (const unit of ['B', 'kB', 'MB', 'GB']) {
        if (left < 1000) return `${unit === 'B' || left >= 100 ? Math.round(left) : left.toFixed(1)} ${unit}`;
        left /= 1000;
    }
    return `${left.toFixed(1)} TB`;
}

/**
 * Begin a text with a capital letter.
 * @param {string} text
 */
export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** The time in seconds since 1970, as the service counts it. */
export const now = () => Date.now() / 1000;
