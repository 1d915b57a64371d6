/** Paints a grid as one labelled picture. Loaded when somebody asks for one. */

import { Problem, pictureOf } from '../../core/api.js';
import { few } from './few.js';

/** @typedef {import('./sheet.js').Sheet} Sheet */

const AT_ONCE = 4;
const FAMILY = 'system-ui, -apple-system, "Segoe UI", sans-serif';
const [PAPER, INK, PALE, DIM] = ['#ffffff', '#16181d', '#eceef2', '#555c69'];

/**
 * Return how wide a text is when it is painted.
 * @returns {import('./sheet.js').Measure}
 */
export function measuring() {
    const context = contextOf(document.createElement('canvas'));
    return (text, size, isBold) => {
        context.font = fontOf(size, isBold);
        return context.measureText(text).width;
    };
}

/**
 * Paint it, and return it as a PNG.
 * @param {Sheet} sheet
 * @param {(index: number) => { picture: string | null, said: string }} cell The id of its picture, or why there is none.
 * @param {(done: number) => void} told Is told how many pictures have been painted.
 * @returns {Promise<Blob>}
 */
export async function painted(sheet, cell, told) {
    const canvas = document.createElement('canvas');
    Object.assign(canvas, { width: sheet.width, height: sheet.height });
    const context = contextOf(canvas);
    context.fillStyle = PAPER;
    context.fillRect(0, 0, sheet.width, sheet.height);
    context.textBaseline = 'top';
    context.imageSmoothingQuality = 'high';
    for (const line of sheet.lines) {
        context.fillStyle = INK;
        context.font = fontOf(line.size, line.isBold);
        context.textAlign = line.align;
        context.fillText(line.text, line.x, line.y);
    }
    let done = 0;
    await few(sheet.pictures, AT_ONCE, async (place) => {
        const { picture, said } = cell(place.index);
        const bitmap = picture ? await bitmapOf(picture) : null;
        if (bitmap) fit(context, bitmap, place);
        else leaveOut(context, said || 'No picture', place);
        bitmap?.close();
        done += 1;
        told(done);
    });
    return await new Promise((settle, fail) => {
        canvas.toBlob((blob) => (blob ? settle(blob) : fail(tooLarge())), 'image/png');
    });
}

/**
 * @param {string} id
 * @returns {Promise<ImageBitmap | null>} Nothing where it is not there any more, or no picture.
 */
async function bitmapOf(id) {
    const answer = await fetch(pictureOf(id));
    if (!answer.ok) return null;
    return await createImageBitmap(await answer.blob()).catch(() => null);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {ImageBitmap} bitmap
 * @param {import('./sheet.js').Placed} place
 */
function fit(context, bitmap, { x, y, width, height }) {
    const scale = Math.min(width / bitmap.width, height / bitmap.height);
    const [across, down] = [bitmap.width * scale, bitmap.height * scale];
    context.drawImage(bitmap, x + (width - across) / 2, y + (height - down) / 2, across, down);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {string} text
 * @param {import('./sheet.js').Placed} place
 */
function leaveOut(context, text, { x, y, width, height }) {
    context.fillStyle = PALE;
    context.fillRect(x, y, width, height);
    context.fillStyle = DIM;
    context.font = fontOf(Math.max(10, Math.min(28, width / 12)), false);
    context.textAlign = 'center';
    context.fillText(text, x + width / 2, y + height / 2, width);
}

/** @type {(size: number, isBold: boolean) => string} */
const fontOf = (size, isBold) => `${isBold ? '600 ' : ''}${size}px ${FAMILY}`;

/** @param {HTMLCanvasElement} canvas */
function contextOf(canvas) {
    const context = canvas.getContext('2d');
    if (!context) throw tooLarge();
    return context;
}

function tooLarge() {
    const hint = 'Choose smaller pictures, or fetch them as a ZIP.';
    return new Problem({ code: 'canvas', message: 'This browser cannot paint a picture that large.', hint }, 0);
}
