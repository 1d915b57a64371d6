/** A place for one picture: it is dropped, chosen or taken from the gallery, sent, and shown with its size. */

import { isCalledOff, Problem } from '../../core/api.js';
import { h } from '../../core/dom.js';
import { ended, signal } from '../../core/signals.js';
import { button } from '../../parts/buttons.js';
import { icon } from '../../parts/icons.js';
import { progress } from '../../parts/pictures.js';
import { report } from '../../parts/toasts.js';
import { chooseFromGallery } from './gallery_choice.js';
import { addressOfUpload, upload, uploadArtifact } from './upload.js';

/** @typedef {import('./upload.js').Picture} Picture */
/** @typedef {{ width: number, height: number }} Size */

/**
 * @param {string} label What is read aloud of it.
 * @param {{ value: Picture | null }} bound
 * @param {{ said?: string, over?: () => import('../../core/dom.js').Child, more?: (address: string, size: Size | null) => import('../../core/dom.js').Child }} [parts] What is said while there is none; what lies over the picture, and what is below it.
 */
export function pictureBox(label, bound, { said = 'Drop a picture here', over = () => null, more = () => null } = {}) {
    const percent = signal(/** @type {number | null} */ (null));
    const isOver = signal(false);
    /** @type {AbortController | null} */
    let sending = null;
    ended(() => sending?.abort());

    /** Keep what `work` sends, unless something else came meanwhile. @param {(how: any) => Promise<Picture>} work */
    const keep = async (work) => {
        sending?.abort();
        const mine = new AbortController();
        sending = mine;
        percent.value = 0;
        try {
            const picture = await work({
                told: (/** @type {number} */ done) => (percent.value = done),
                until: mine.signal,
            });
            if (!mine.signal.aborted) bound.value = picture;
        } catch (error) {
            if (!isCalledOff(error)) report(error);
        } finally {
            if (sending === mine) percent.value = null;
        }
    };
    /** @param {Blob} file @param {string} [name] */
    const take = (file, name = file instanceof File ? file.name : 'A picture') =>
        keep(async (how) => {
            if (!file.type.startsWith('image/')) throw noPicture(name);
            const { image } = await upload(file, how);
            return { name: image, label: name };
        });
    const takeFromGallery = async () => {
        const chosen = await chooseFromGallery();
        if (chosen) await keep((how) => uploadArtifact(chosen.artifactId, chosen.label, how));
    };
    /** @param {DataTransfer | null} carried @returns {boolean} Whether there was a picture in it. */
    const takeFrom = (carried) => {
        const files = [...(carried?.files ?? [])];
        const file = files.find((one) => one.type.startsWith('image/')) ?? files[0];
        if (file) void take(file);
        return file !== undefined;
    };
    const chooser = h('input', {
        type: 'file',
        accept: 'image/*',
        hidden: true,
        onchange: () => {
            const file = chooser.files?.[0];
            chooser.value = ''; // so that the same file can be chosen again
            if (file) void take(file);
        },
    });
    const node = h(
        'div',
        {
            class: () => ['create-picture', isOver.value && 'over'],
            role: 'group',
            'aria-label': label,
            ondragover: (/** @type {DragEvent} */ event) => {
                event.preventDefault();
                isOver.value = true;
            },
            ondragleave: () => {
                isOver.value = false;
            },
            ondrop: (/** @type {DragEvent} */ event) => {
                event.preventDefault();
                event.stopPropagation();
                isOver.value = false;
                takeFrom(event.dataTransfer);
            },
        },
        chooser,
        () => {
            if (percent.value !== null) return underWay(percent, () => sending?.abort());
            return bound.value ? there(bound.value, over, more) : none(said);
        },
        h(
            'div',
            { class: 'row' },
            button({
                label: () => (bound.value ? 'Choose another' : 'Choose a file'),
                icon: 'upload',
                onclick: () => chooser.click(),
            }),
            button({ label: 'From the gallery', icon: 'gallery', onclick: takeFromGallery }),
            () =>
                bound.value
                    ? button({
                          label: 'Remove',
                          icon: 'trash',
                          kind: 'quiet',
                          onclick: () => {
                              bound.value = null;
                              /** @type {HTMLElement | null} */ (node.querySelector('button'))?.focus();
                          },
                      })
                    : null,
        ),
    );
    return { node, take, takeFrom, isOver };
}

/**
 * @param {import('../../core/signals.js').Signal<number | null>} percent
 * @param {() => void} stop
 */
function underWay(percent, stop) {
    return h(
        'div',
        { class: 'row tight' },
        h(
            'div',
            { class: 'grow' },
            progress('Sending the picture', () => Math.round(percent.value ?? 0)),
        ),
        button({ label: 'Stop', kind: 'quiet', onclick: stop }),
    );
}

/**
 * @param {Picture} picture
 * @param {() => import('../../core/dom.js').Child} over
 * @param {(address: string, size: Size | null) => import('../../core/dom.js').Child} more
 */
function there(picture, over, more) {
    const address = addressOfUpload(picture.name);
    const size = signal(/** @type {Size | null} */ (null));
    const isGone = signal(false);
    return h(
        'div',
        { class: 'stack tight' },
        address
            ? shown(address, picture, size, isGone, over)
            : none('It lies elsewhere, and is fetched when it is needed.'),
        h(
            'p',
            { class: 'create-picture-label small' },
            h('span', { class: 'ellipsis' }, picture.label || picture.name),
            () =>
                size.value ? h('span', { class: 'dim number' }, `${size.value.width} × ${size.value.height}`) : null,
        ),
        () => (isGone.value ? h('p', { class: 'bad small' }, 'It is not here any more. Choose it again.') : null),
        () => (isGone.value ? null : more(address, size.value)),
    );
}

/**
 * @param {string} address
 * @param {Picture} picture
 * @param {{ value: Size | null }} size
 * @param {{ value: boolean }} isGone
 * @param {() => import('../../core/dom.js').Child} over
 */
function shown(address, picture, size, isGone, over) {
    const picked = h('img', {
        src: address,
        alt: picture.label || 'The picture',
        onload: () => {
            size.value = { width: picked.naturalWidth, height: picked.naturalHeight };
        },
        onerror: () => {
            isGone.value = true;
        },
    });
    return h('div', { class: 'create-picture-shown' }, picked, over);
}

/** @param {string} said */
const none = (said) => h('p', { class: 'create-picture-none dim' }, icon('image'), said);

/** @param {string} name */
function noPicture(name) {
    const hint = 'Choose a PNG, JPEG, WebP or GIF.';
    return new Problem({ code: 'no_picture', message: `${name || 'this'} is no picture`, hint }, 0);
}
