/** The picture to start from, and which part of it is to be made anew. */

import { h, listen } from '../../core/dom.js';
import { batch, effect } from '../../core/signals.js';
import { button } from '../../parts/buttons.js';
import { pictureBox } from './picture_box.js';
import { smaller } from './picture_size.js';
import { addressOfUpload, fetched, upload, uploadArtifact } from './upload.js';

/** @typedef {import('./upload.js').Picture} Picture */
/** @typedef {{ inputImage: { value: Picture | null }, mask: { value: { name: string } | null } }} Draft */

/**
 * Return a picture that the service has made as one to start from.
 * @param {string} artifactId
 * @param {string} label
 * @returns {Promise<Picture>}
 */
export const fromGallery = (artifactId, label) => uploadArtifact(artifactId, label);

/**
 * Pictures that are dropped or pasted anywhere are taken while this is shown.
 * @param {Draft} draft
 */
export function imageInput(draft) {
    const bound = {
        get value() {
            return draft.inputImage.value;
        },
        set value(picture) {
            batch(() => {
                draft.inputImage.value = picture;
                draft.mask.value = null; // it was painted over another one
            });
        },
    };
    const box = pictureBox('Picture to start from', bound, {
        said: 'Drop a picture anywhere, or paste one.',
        over: () => veil(draft),
        more: (address, size) => [size && shrinking(address, size, draft, box.take), masking(draft, address)],
    });
    listen(document, 'paste', (event) => {
        if (!isBusy() && box.takeFrom(event.clipboardData)) event.preventDefault();
    });
    takeDrops(box);
    effect(() => {
        // It may be within a part that is closed, and a picture can be dropped anywhere.
        const around = draft.inputImage.value || box.isOver.value ? box.node.closest('details') : null;
        if (around) around.open = true;
    });
    return h('div', { class: 'create-image' }, box.node);
}

/** A dialog is before the view: what is pasted or dropped is not meant for it. */
const isBusy = () => document.querySelector('dialog[open]') !== null;

/** @param {ReturnType<typeof pictureBox>} box */
function takeDrops(box) {
    const isPicture = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes('Files') && !isBusy();
    listen(document, 'dragover', (event) => {
        if (!isPicture(event)) return;
        event.preventDefault();
        // Over a place for another picture it is that one's, which is not to move away: this one may open what is closed.
        const place = event.target instanceof Element ? event.target.closest('.create-picture') : null;
        box.isOver.value = !place || place === box.node;
    });
    listen(document, 'dragleave', (event) => {
        if (!event.relatedTarget) box.isOver.value = false;
    });
    listen(document, 'drop', (event) => {
        box.isOver.value = false;
        if (!isPicture(event)) return;
        event.preventDefault();
        box.takeFrom(event.dataTransfer);
    });
}

/** What stays is darkened: what is seen clearly is made anew. @param {Draft} draft */
function veil(draft) {
    const mask = draft.mask.value;
    return mask ? h('img', { class: 'create-image-veil', src: addressOfUpload(mask.name), alt: '' }) : null;
}

/**
 * @param {Draft} draft
 * @param {string} address
 */
function masking(draft, address) {
    if (!address) return null;
    const paint = async () => {
        const { paintMask } = await import('./mask.js');
        const before = draft.mask.value;
        const painted = await paintMask(address, before ? addressOfUpload(before.name) : '');
        if (painted) draft.mask.value = { name: (await upload(painted)).image };
    };
    return h(
        'div',
        { class: 'row' },
        () => button({ label: draft.mask.value ? 'Change mask' : 'Paint a mask', icon: 'brush', onclick: paint }),
        () =>
            draft.mask.value
                ? button({
                      label: 'Remove mask',
                      icon: 'cancel',
                      kind: 'quiet',
                      onclick: () => {
                          draft.mask.value = null;
                      },
                  })
                : null,
    );
}

/**
 * @param {string} address
 * @param {{ width: number, height: number }} size
 * @param {Draft} draft
 * @param {(file: Blob, name: string) => Promise<void>} take
 */
function shrinking(address, size, draft, take) {
    const better = smaller(size.width, size.height);
    if (!better) return null;
    return h(
        'div',
        { class: 'row small' },
        h('span', { class: 'warn' }, 'Large for most models.'),
        button({
            label: `Make it ${better.width} × ${better.height}`,
            kind: 'quiet',
            onclick: async () =>
                take(await shrunk(await fetched(address), better), draft.inputImage.value?.label ?? ''),
        }),
    );
}

/**
 * @param {Blob} content
 * @param {{ width: number, height: number }} size
 * @returns {Promise<Blob>}
 */
async function shrunk(content, { width, height }) {
    const picture = await createImageBitmap(content, {
        resizeWidth: width,
        resizeHeight: height,
        resizeQuality: 'high',
    });
    const canvas = h('canvas', { width, height });
    /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d')).drawImage(picture, 0, 0);
    picture.close();
    return new Promise((settle) => canvas.toBlob((made) => settle(/** @type {Blob} */ (made)), 'image/png'));
}
