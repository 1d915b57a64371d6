/** Has somebody paint which part of a picture is to be made anew. */

import { Problem } from '../../core/api.js';
import { h, listen, uniqueId } from '../../core/dom.js';
import { button } from '../../parts/buttons.js';
import { confirm, openDialog } from '../../parts/dialogs.js';
import { makeBrush } from './mask/brush.js';
import { readMask, rowsAt, workingSize } from './mask/coverage.js';
import { makeEasel } from './mask/easel.js';
import { HELP } from './mask/keys.js';
import { encodeMask } from './mask/png.js';
import { surface as makeSurface } from './mask/surface.js';
import { toolbar } from './mask/tools.js';

/** @typedef {import('./mask/surface.js').Surface} Surface */

/**
 * Have a mask painted over a picture.
 *
 * It is a PNG of the picture's own size. What was painted is white and transparent, the rest black and opaque: engines
 * read either.
 *
 * @param {string} imageAddress Of the same origin, or a blob's.
 * @param {string} [before] The address of a mask to go on with.
 * @returns {Promise<Blob | null>} Null where it was called off.
 */
export async function paintMask(imageAddress, before = '') {
    const picture = await load(imageAddress);
    const size = workingSize(picture.naturalWidth, picture.naturalHeight);
    const painted = before ? readMask(pixelsOf(await load(before), size)) : null;
    const surface = makeSurface(size, painted);
    const isWanted = await openDialog(
        'Paint what is to be made anew',
        (/** @type {(value?: boolean) => void} */ close) => studio(picture, surface, close),
        { kind: 'whole' },
    );
    if (!isWanted) return null;
    const { naturalWidth: width, naturalHeight: height } = picture;
    return encodeMask(width, height, rowsAt(surface.mask, width, height));
}

/**
 * @param {HTMLImageElement} picture
 * @param {Surface} surface
 * @param {(value?: boolean) => void} close
 */
function studio(picture, surface, close) {
    const help = uniqueId('help');
    const brush = makeBrush(surface);
    const easel = makeEasel(picture, surface, brush, help);
    const node = h(
        'div',
        { class: 'create-mask' },
        toolbar(easel, surface, brush),
        easel.node,
        h('p', { id: help, class: 'create-mask-help dim small' }, HELP),
        h(
            'footer',
            null,
            h('p', { class: 'grow small number', role: 'status' }, () => said(surface, brush)),
            button({ label: 'Cancel', onclick: () => close() }),
            button({
                label: 'Use mask',
                kind: 'main',
                disabled: () => !surface.share.value,
                onclick: () => close(true),
            }),
        ),
    );
    heedEverywhere(node, surface, close);
    return node;
}

/**
 * Undo and redo wherever the focus is, and do not lose all by one key.
 * @param {HTMLElement} node
 * @param {Surface} surface
 * @param {(value?: boolean) => void} close
 */
function heedEverywhere(node, surface, close) {
    listen(node, 'keydown', (event) => {
        const key = event.key.toLowerCase();
        const isOften = event.ctrlKey || event.metaKey;
        if (isOften && (key === 'z' || key === 'y')) {
            event.preventDefault();
            event.stopPropagation(); // the page's own undo is for what is behind this
            if (key === 'y' || event.shiftKey) surface.redo();
            else surface.undo();
        }
        if (event.key === 'Escape' && surface.steps.peek().done) {
            event.preventDefault();
            const title = 'Throw away what you painted?';
            void confirm(title, { yes: 'Throw away' }).then((isSure) => isSure && close());
        }
    });
}

/**
 * @param {Surface} surface
 * @param {import('./mask/brush.js').Brush} brush
 */
function said(surface, brush) {
    const share = surface.share.value;
    const painted = !share ? 'Nothing is painted yet.' : `${percent(share)} of the picture is made anew.`;
    return brush.isDown.value ? `${brush.isErasing.value ? 'Eraser' : 'Brush'} down.` : painted;
}

/** @param {number} share */
const percent = (share) => (share < 0.01 ? 'Less than 1 %' : `${Math.round(100 * share)} %`);

/**
 * @param {string} address
 * @throws {Problem} There is no picture.
 */
async function load(address) {
    const picture = h('img', { class: 'create-mask-picture', src: address, alt: '', draggable: 'false' });
    await picture.decode().catch(() => {
        throw new Problem({ code: 'no_picture', message: 'the picture cannot be shown', hint: 'Choose it again.' }, 0);
    });
    return picture;
}

/**
 * @param {HTMLImageElement} picture
 * @param {{ width: number, height: number }} size
 */
function pixelsOf(picture, { width, height }) {
    const pen = /** @type {CanvasRenderingContext2D} */ (h('canvas', { width, height }).getContext('2d'));
    pen.drawImage(picture, 0, 0, width, height);
    return pen.getImageData(0, 0, width, height).data;
}
