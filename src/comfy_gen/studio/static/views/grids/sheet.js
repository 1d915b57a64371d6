/** Lays out a grid as one picture: titles, values along the axes, the pictures, and the recipe at the foot. Pure. */

/**
 * @typedef {object} SheetContent
 * @property {string} title
 * @property {string} xTitle
 * @property {string} yTitle Empty where there is a single row.
 * @property {readonly string[]} columns
 * @property {readonly string[]} rows
 * @property {ReadonlyArray<{ title: string, first: number }>} sheets One below the other; `first` is the index of the first cell.
 * @property {string} foot
 * @property {{ width: number, height: number }} cell In pixels, as wished; it is made smaller where the whole would be too large.
 */
/** @typedef {{ text: string, x: number, y: number, size: number, isBold: boolean, align: 'left' | 'center' }} Line The y is that of the line's top. */
/** @typedef {{ index: number, x: number, y: number, width: number, height: number }} Placed */
/** @typedef {{ width: number, height: number, isReduced: boolean, cell: { width: number, height: number }, lines: Line[], pictures: Placed[] }} Sheet */
/** @typedef {(text: string, size: number, isBold: boolean) => number} Measure */

/** What canvases of all browsers can take. */
export const MOST_SIDE = 16_384;
export const MOST_PIXELS = 64_000_000;

const LEADING = 1.3;
const LEAST_CELL = 24;

/**
 * Lay it out; with smaller cells where it would be more than a browser can paint.
 * @param {SheetContent} content
 * @param {Measure} measure
 * @param {{ side?: number, pixels?: number }} [bounds]
 * @returns {Sheet}
 */
export function laidOut(content, measure, { side = MOST_SIDE, pixels = MOST_PIXELS } = {}) {
    let factor = 1;
    for (;;) {
        const cell = scaled(content.cell, factor);
        const sheet = laidAt({ ...content, cell }, measure);
        const excess = Math.max(
            sheet.width / side,
            sheet.height / side,
            Math.sqrt((sheet.width * sheet.height) / pixels),
        );
        if (excess <= 1 || cell.width <= LEAST_CELL) return { ...sheet, isReduced: factor < 1 };
        factor = Math.min(factor * 0.97, factor / excess);
    }
}

/**
 * Break a text into lines that are not too wide; what does not fit into so many ends with three dots.
 * @param {string} text
 * @param {number} width
 * @param {(text: string) => number} measure
 * @param {number} most
 * @returns {string[]}
 */
export function wrapped(text, width, measure, most) {
    /** @type {string[]} */
    const lines = [];
    let line = '';
    for (const word of text
        .split(/\s+/)
        .filter(Boolean)
        .flatMap((one) => broken(one, width, measure))) {
        const longer = line ? `${line} ${word}` : word;
        if (line && measure(longer) > width) {
            lines.push(line);
            line = word;
        } else line = longer;
    }
    if (line) lines.push(line);
    if (lines.length <= most) return lines;
    return [...lines.slice(0, most - 1), shortened(lines.slice(most - 1).join(' '), width, measure)];
}

/**
 * All sizes that follow from the content, and where the next thing goes.
 * @typedef {object} Pen
 * @property {number} y
 * @property {number} size Of the letters.
 * @property {number} step From line to line.
 * @property {number} gap
 * @property {number} margin
 * @property {number} side How wide the values of the rows are.
 * @property {number} left Where the pictures begin.
 * @property {number} inner How wide all columns are.
 * @property {number} width Of the whole.
 * @property {Line[]} lines
 * @property {Placed[]} pictures
 * @property {(text: string, width: number, most: number, isBold?: boolean) => string[]} wrap
 */

/**
 * @param {SheetContent} content
 * @param {Measure} measure
 * @returns {Sheet}
 */
function laidAt(content, measure) {
    const pen = penFor(content, measure);
    const { margin, gap, size, width, lines, pictures } = pen;
    const wide = width - 2 * margin;
    pen.y += put(pen, pen.wrap(content.title, wide, 2, true), margin, pen.y, { isBold: true }) + gap;
    for (const sheet of content.sheets) {
        const title = pen.wrap(sheet.title, wide, 2, true);
        if (title.length) pen.y += gap + put(pen, title, margin, pen.y + gap, { isBold: true });
        layHeads(pen, content);
        layRows(pen, content, sheet.first);
    }
    const foot = pen.wrap(content.foot, wide, 6);
    if (foot.length) pen.y += size + put(pen, foot, margin, pen.y + size);
    return { width, height: Math.ceil(pen.y + margin - gap), isReduced: false, cell: content.cell, lines, pictures };
}

/**
 * @param {SheetContent} content
 * @param {Measure} measure
 * @returns {Pen}
 */
function penFor(content, measure) {
    const { yTitle, columns, cell } = content;
    const size = Math.round(Math.max(10, Math.min(36, cell.width / 14)));
    const gap = Math.max(2, Math.round(size / 4));
    const side = yTitle ? sideOf(content, (text, isBold) => measure(text, size, isBold)) : 0;
    const left = size + (side ? side + size : 0);
    const inner = columns.length * (cell.width + gap) - gap;
    return {
        ...{ y: size, size, step: Math.round(size * LEADING), gap, margin: size, side, left, inner },
        ...{ width: Math.ceil(left + inner + size), lines: [], pictures: [] },
        wrap: (text, width, most, isBold = false) => wrapped(text, width, (one) => measure(one, size, isBold), most),
    };
}

/**
 * Put down the titles of the axes, and the values of the columns.
 * @param {Pen} pen
 * @param {SheetContent} content
 */
function layHeads(pen, { xTitle, yTitle, columns, cell }) {
    const { step, gap, margin, side, left, inner, wrap } = pen;
    const heads = columns.map((text) => wrap(text, cell.width, 4));
    const height = Math.max(...heads.map((one) => one.length)) * step;
    if (yTitle) put(pen, wrap(yTitle, side, 2, true), margin, pen.y + height, { isBold: true });
    pen.y += put(pen, wrap(xTitle, inner, 1, true), left + inner / 2, pen.y, { isBold: true, align: 'center' });
    for (const [at, texts] of heads.entries()) {
        const middle = left + at * (cell.width + gap) + cell.width / 2;
        put(pen, texts, middle, pen.y + height - texts.length * step, { align: 'center' });
    }
    pen.y += height + gap;
}

/**
 * Put down the rows, each with its value and its pictures. The title of the rows reaches a line into the first.
 * @param {Pen} pen
 * @param {SheetContent} content
 * @param {number} first
 */
function layRows(pen, { columns, rows, cell }, first) {
    const { step, gap, margin, side, left, wrap } = pen;
    for (const [row, text] of rows.entries()) {
        const taken = row === 0 ? step : 0;
        const most = Math.max(1, Math.floor((cell.height - taken) / step));
        const texts = side ? wrap(text, side, most) : [];
        put(pen, texts, margin, pen.y + Math.max(taken, (cell.height - texts.length * step) / 2));
        for (const column of columns.keys()) {
            const index = first + row * columns.length + column;
            pen.pictures.push({ index, x: left + column * (cell.width + gap), y: pen.y, ...cell });
        }
        pen.y += cell.height + gap;
    }
}

/**
 * Put down lines of text, and return how high they are.
 * @param {Pen} pen
 * @param {string[]} texts
 * @param {number} x
 * @param {number} top
 * @param {Partial<Line>} [more]
 */
function put({ lines, size, step }, texts, x, top, more = {}) {
    for (const [at, text] of texts.entries())
        lines.push({ text, x, y: top + at * step, size, isBold: false, align: 'left', ...more });
    return texts.length * step;
}

/**
 * Return how wide the values of the rows may be: as wide as they are, but no wider than a picture.
 * @param {SheetContent} content
 * @param {(text: string, isBold: boolean) => number} measure
 */
function sideOf({ rows, yTitle, cell }, measure) {
    const wanted = Math.max(measure(yTitle, true), ...rows.map((text) => measure(text, false)));
    return Math.ceil(Math.max(Math.min(wanted, cell.width), 1)) + 1; // what is measured is not exact
}

/**
 * @param {{ width: number, height: number }} cell
 * @param {number} factor
 */
const scaled = ({ width, height }, factor) => ({
    width: Math.max(1, Math.round(width * factor)),
    height: Math.max(1, Math.round(height * factor)),
});

/**
 * @param {string} word
 * @param {number} width
 * @param {(text: string) => number} measure
 * @returns {string[]}
 */
function broken(word, width, measure) {
    if (measure(word) <= width) return [word];
    /** @type {string[]} */
    const parts = [];
    let part = '';
    for (const letter of word) {
        if (part && measure(part + letter) > width) {
            parts.push(part);
            part = '';
        }
        part += letter;
    }
    return [...parts, part];
}

/**
 * @param {string} text
 * @param {number} width
 * @param {(text: string) => number} measure
 */
function shortened(text, width, measure) {
    const letters = [...text];
    while (letters.length && measure(`${letters.join('')}…`) > width) letters.pop();
    return `${letters.join('').trimEnd()}…`;
}
