/** What was done to a mask, so that it can be undone: each time the piece that changed, as it was and as it is. Pure. */

/** @typedef {import('./coverage.js').Mask} Mask */
/** @typedef {import('./coverage.js').Box} Box */
/** @typedef {{ box: Box, before: Uint8Array, after: Uint8Array }} Change */

/** Bytes after which the oldest changes are forgotten. */
const MOST = 64_000_000;

export class History {
    /** @param {number} [most] */
    constructor(most = MOST) {
        /** @type {Change[]} */
        this.done = [];
        /** @type {Change[]} */
        this.undone = [];
        this.most = most;
    }

    /**
     * Note a change. What had been undone can then not be done again.
     * @param {Uint8Array} before All of the mask's data, as it was.
     * @param {Mask} mask As it is.
     * @param {Box} box Where they differ.
     */
    note(before, mask, box) {
        this.done.push({ box, before: cut(before, mask.width, box), after: cut(mask.data, mask.width, box) });
        this.undone = [];
        while (this.done.length > 1 && weight(this.done) > this.most) this.done.shift();
    }

    /**
     * Take the last change back, and return where that was; null where there is none.
     * @param {Mask} mask
     */
    undo(mask) {
        const change = this.done.pop();
        if (!change) return null;
        this.undone.push(change);
        paste(change.before, mask, change.box);
        return change.box;
    }

    /**
     * Do again what was taken back last, and return where; null where there is nothing.
     * @param {Mask} mask
     */
    redo(mask) {
        const change = this.undone.pop();
        if (!change) return null;
        this.done.push(change);
        paste(change.after, mask, change.box);
        return change.box;
    }
}

/** @param {Change[]} changes */
const weight = (changes) => changes.reduce((sum, { before, after }) => sum + before.length + after.length, 0);

/**
 * @param {Uint8Array} data
 * @param {number} width Of all of it.
 * @param {Box} box
 */
function cut(data, width, box) {
    const piece = new Uint8Array(box.width * box.height);
    for (let row = 0; row < box.height; row += 1) {
        const at = (box.top + row) * width + box.left;
        piece.set(data.subarray(at, at + box.width), row * box.width);
    }
    return piece;
}

/**
 * @param {Uint8Array} piece
 * @param {Mask} mask
 * @param {Box} box
 */
function paste(piece, mask, box) {
    for (let row = 0; row < box.height; row += 1) {
        const line = piece.subarray(row * box.width, (row + 1) * box.width);
        mask.data.set(line, (box.top + row) * mask.width + box.left);
    }
}
