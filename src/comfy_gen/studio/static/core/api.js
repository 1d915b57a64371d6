/** Asks the service. All that the studio knows and does goes through here. */

import { signal } from './signals.js';

/** Where the service is, as a proxy may have it: empty, or a path. */
export const ROOT = document.documentElement.dataset.root ?? '';

/** Set when the service has asked for a key, so that the page can. */
export const isKeyWanted = signal(false);

/** What stands against a request, in the service's words. */
export class Problem extends Error {
    /**
     * @param {{ code: string, message: string, hint?: string, details?: Record<string, any> }} facts
     * @param {number} status 0 where nobody answered.
     */
    constructor(facts, status) {
        super(facts.message);
        this.name = 'Problem';
        this.code = facts.code;
        this.hint = facts.hint ?? '';
        this.details = facts.details ?? {};
        this.status = status;
    }

    /** All of several problems, each as a sentence; the one there is otherwise. */
    get sentences() {
        const several = /** @type {Array<{ message?: string } | string>} */ (this.details.problems ?? []);
        const said = several.map((one) => (typeof one === 'string' ? one : (one.message ?? ''))).filter(Boolean);
        return said.length ? said : [this.message];
    }
}

/** @typedef {Record<string, string | number | boolean | null | undefined | Array<string | number>>} Query */
/** @typedef {{ query?: Query, body?: unknown, signal?: AbortSignal, headers?: Record<string, string> }} Options */

/**
 * Ask, and return the JSON of the answer; null where it has none.
 *
 * A body that is a `FormData` is sent as it is, any other as JSON.
 *
 * @param {string} method
 * @param {string} path With a slash in front; what is put into it goes through `encodeURIComponent` first.
 * @param {Options} [options]
 * @returns {Promise<any>}
 * @throws {Problem} The service refused, or nobody answered.
 */
export async function ask(method, path, { query, body, signal: until, headers } = {}) {
    const isForm = body instanceof FormData;
    /** @type {Response} */
    let answer;
    try {
        answer = await fetch(addressOf(path, query), {
            method,
            body: body === undefined ? null : isForm ? body : JSON.stringify(body),
            headers: { ...(body === undefined || isForm ? {} : { 'Content-Type': 'application/json' }), ...headers },
            signal: until ?? null,
        });
    } catch (error) {
        if (until?.aborted) throw error;
        throw unreachable();
    }
    if (answer.status === 204) return null;
    const data = await answer.json().catch(() => null);
    if (answer.ok) return data;
    if (answer.status === 401) isKeyWanted.value = true;
    throw new Problem(
        data?.error ?? { code: 'unknown', message: `the service answered ${answer.status}` },
        answer.status,
    );
}

/** @type {(path: string, query?: Query, signal?: AbortSignal) => Promise<any>} */
export const get = (path, query, until) =>
    ask('GET', path, { ...(query && { query }), ...(until && { signal: until }) });
/** @type {(path: string, body?: unknown, options?: Options) => Promise<any>} */
export const post = (path, body, options) => ask('POST', path, { ...options, body });
/** @type {(path: string, body?: unknown, options?: Options) => Promise<any>} */
export const put = (path, body, options) => ask('PUT', path, { ...options, body });
/** @type {(path: string) => Promise<any>} */
export const remove = (path) => ask('DELETE', path);

/**
 * Return the address of a path of the service.
 * @param {string} path
 * @param {Query} [query] What is null, undefined or empty is left out; a list is said once for each.
 */
export function addressOf(path, query = {}) {
    const said = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) {
        for (const one of [value].flat())
            if (one !== null && one !== undefined && one !== '') said.append(name, String(one));
    }
    const text = said.toString();
    return `${ROOT}${path}${text && `?${text}`}`;
}

/** @param {string} id */
export const pictureOf = (id) => addressOf(`/artifacts/${encodeURIComponent(id)}`);
/** @param {string} id */
export const thumbnailOf = (id) => addressOf(`/artifacts/${encodeURIComponent(id)}/thumbnail`);

/**
 * Tell whether somebody called this off themselves: nothing that anybody needs to be told of.
 * @param {unknown} error
 */
export const isCalledOff = (error) => error instanceof DOMException && error.name === 'AbortError';

function unreachable() {
    const hint = 'See whether it still runs: comfygen serve. What was accepted is safe, and goes on when it is back.';
    return new Problem({ code: 'unreachable', message: 'the service does not answer', hint }, 0);
}
