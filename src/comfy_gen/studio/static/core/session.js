/** Who uses the studio, and what they may do. The key itself is never kept here: the browser holds a cookie of it. */

import { ask, get, isKeyWanted, post } from './api.js';
import { computed, signal } from './signals.js';

/** @typedef {Wire<'Session'>} Session */

/** @type {import('./signals.js').Signal<Session | null>} */
export const session = signal(/** @type {Session | null} */ (null));

/** @type {(scope: string) => boolean} Whether whoever is here may `read`, `generate` or `admin`. */
export const may = (scope) => session.value?.scopes.includes(/** @type {any} */ (scope)) ?? false;

export const isAdministrator = computed(() => may('admin'));

/** Look who is here; asks for a key where one is needed. */
export async function look() {
    const found = /** @type {Session} */ (await get('/session'));
    session.value = found;
    isKeyWanted.value = !found.is_admitted;
    return found;
}

/**
 * Let somebody in.
 * @param {string} key
 * @throws {import('./api.js').Problem} It opens nothing.
 */
export async function enter(key) {
    await post('/session', { key });
    return look();
}

/** Forget who is here. */
export async function leave() {
    await ask('DELETE', '/session');
    return look();
}
