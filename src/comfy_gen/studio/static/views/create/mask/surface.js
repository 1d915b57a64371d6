/** A mask that can be seen, and what can be done to it. What it does is decided in coverage.js and history.js. */

import { h } from '../../../core/dom.js';
import { signal } from '../../../core/signals.js';
import { clear, createMask, invert, shareOf, stroke, together, whole } from './coverage.js';
import { History } from './history.js';

/** @typedef {import('./coverage.js').Point} Point */
/** @typedef {import('./coverage.js').Box} Box */

/** Red, green and blue of what is covered, and how much of the picture it hides. */
const COLOUR = [236, 51, 139];
const HIDES = 0.62;

/**
 * @param {{ width: number, height: number }} size
 * @param {Uint8Array | null} before What was painted before.
 */
export function surface(size, before) {
    const mask = createMask(size.width, size.height, before ?? undefined);
    const history = new History();
    const canvas = h('canvas', { class: 'create-mask-canvas', width: size.width, height: size.height });
    const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    const share = signal(shareOf(mask));
    const steps = signal({ done: 0, undone: 0 });
    /** @type {{ before: Uint8Array, box: Box | null } | null} */
    let going = null;

    const show = (/** @type {Box | null} */ box) => {
        if (box) pen.putImageData(new ImageData(coloured(mask, box), box.width, box.height), box.left, box.top);
    };
    const tell = () => {
        share.value = shareOf(mask);
        steps.value = { done: history.done.length, undone: history.undone.length };
    };
    const change = (/** @type {() => void} */ work) => {
        const was = mask.data.slice();
        work();
        history.note(was, mask, whole(mask));
        show(whole(mask));
        tell();
    };
    show(whole(mask));
    return {
        canvas,
        mask,
        /** How much of the picture is covered, from 0 to 1. */
        share,
        /** How many steps can be undone, and done again. */
        steps,
        begin() {
            going = { before: mask.data.slice(), box: null };
        },
        /** @type {(from: Point, to: Point, radius: number, isErasing: boolean) => void} */
        draw(from, to, radius, isErasing) {
            const box = stroke(mask, from, to, radius, isErasing);
            if (going) going.box = together(going.box, box);
            show(box);
        },
        /** What was drawn since the beginning is one step. */
        finish() {
            if (going?.box) history.note(going.before, mask, going.box);
            going = null;
            tell();
        },
        /** What was drawn since the beginning was not meant. */
        abandon() {
            if (going?.box) mask.data.set(going.before);
            show(going?.box ?? null);
            going = null;
        },
        undo() {
            show(history.undo(mask));
            tell();
        },
        redo() {
            show(history.redo(mask));
            tell();
        },
        invert: () => change(() => invert(mask)),
        clear: () => change(() => clear(mask)),
    };
}

/** @typedef {ReturnType<typeof surface>} Surface */

/**
 * @param {import('./coverage.js').Mask} mask
 * @param {Box} box
 */
function coloured({ width, data }, box) {
    const pixels = new Uint8ClampedArray(4 * box.width * box.height);
    let at = 0;
    for (let y = box.top; y < box.top + box.height; y += 1) {
        for (let x = box.left; x < box.left + box.width; x += 1) {
            pixels[at] = COLOUR[0] ?? 0;
            pixels[at + 1] = COLOUR[1] ?? 0;
            pixels[at + 2] = COLOUR[2] ?? 0;
            pixels[at + 3] = HIDES * (data[y * width + x] ?? 0);
            at += 4;
        }
    }
    return pixels;
}
