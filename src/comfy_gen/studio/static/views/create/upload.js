/** Sends files to the service, and tells how far they are: `fetch` cannot say that of what it sends. */

import { addressOf, isKeyWanted, Problem, pictureOf } from '../../core/api.js';

/** @typedef {{ name: string, label: string }} Picture `name` is what inputs are told, `label` what a person calls it. */

/** How the service calls what was sent to it; the rest of the name is part of an address. */
const SENT = 'comfygen://uploads/';
const MOST = 100_000_000;

/**
 * Return where a picture can be looked at that was sent before; empty for one that is elsewhere.
 * @param {string} name As inputs are told it.
 */
export const addressOfUpload = (name) =>
    name.startsWith(SENT) ? addressOf(`/uploads/${encodeURIComponent(name.slice(SENT.length))}`) : '';

/**
 * Send a file.
 * @param {Blob} content
 * @param {{ told?: (percent: number) => void, until?: AbortSignal | undefined }} [how]
 * @returns {Promise<Wire<'Upload'>>}
 * @throws {Problem} It is too large, or the service does not take it.
 */
export async function upload(content, { told = () => {}, until } = {}) {
    if (content.size > MOST) throw tooLarge(content.size);
    const asking = new XMLHttpRequest();
    until?.addEventListener('abort', () => asking.abort());
    return new Promise((settle, fail) => {
        asking.upload.addEventListener('progress', ({ loaded, total }) => told((100 * loaded) / (total || 1)));
        asking.addEventListener('load', () => {
            if (asking.status === 201) settle(asking.response);
            else fail(refused(asking.status, asking.response));
        });
        asking.addEventListener('error', () => fail(refused(0, null)));
        asking.addEventListener('abort', () => fail(new DOMException('called off', 'AbortError')));
        asking.open('POST', addressOf('/uploads'));
        asking.responseType = 'json';
        asking.setRequestHeader('Content-Type', 'application/octet-stream');
        asking.send(content);
    });
}

/**
 * Send a picture that the service has made, to be started from: inputs do not take results by their id.
 * @param {string} artifactId
 * @param {string} label
 * @param {Parameters<typeof upload>[1]} [how]
 * @returns {Promise<Picture>}
 * @throws {Problem} It is not there any more, or the service does not take it.
 */
export async function uploadArtifact(artifactId, label, how) {
    const { image } = await upload(await fetched(pictureOf(artifactId)), how);
    return { name: image, label };
}

/**
 * @param {string} address
 * @throws {Problem} There is nothing.
 */
export async function fetched(address) {
    const answer = await fetch(address).catch(() => null);
    if (!answer?.ok) throw refused(answer?.status ?? 0, await answer?.json().catch(() => null));
    return answer.blob();
}

/**
 * @param {number} status 0 where nobody answered.
 * @param {any} answer
 */
function refused(status, answer) {
    if (status === 401) isKeyWanted.value = true;
    const message = status ? `the service answered ${status}` : 'the service does not answer';
    const hint = status ? '' : 'See whether it still runs, and try again.';
    return new Problem(answer?.error ?? { code: status ? 'unknown' : 'unreachable', message, hint }, status);
}

/** @param {number} size */
function tooLarge(size) {
    const hint = 'Make it smaller, or save it as JPEG or WebP.';
    const message = `the file has ${Math.ceil(size / 1e6)} MB, and 100 are the most`;
    return new Problem({ code: 'too_large', message, hint }, 0);
}
