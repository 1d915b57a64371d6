import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
    batch,
    computed,
    effect,
    ended,
    scope,
    signal,
    untracked,
} from '../../../src/comfy_gen/studio/static/core/signals.js';

test('an effect runs at once, and again when what it read has changed', () => {
    const seen = [];
    const a = signal(1);
    effect(() => {
        seen.push(a.value);
    });
    a.value = 2;
    a.value = 2;
    assert.deepEqual(seen, [1, 2]);
});

test('what was read the last time alone counts', () => {
    let runs = 0;
    const [which, a, b] = [signal(true), signal(1), signal(2)];
    effect(() => {
        runs += 1;
        void (which.value ? a.value : b.value);
    });
    which.value = false;
    a.value = 10;
    assert.equal(runs, 2);
    b.value = 20;
    assert.equal(runs, 3);
});

test('a computed value is worked out when it is read, once for each change', () => {
    let works = 0;
    const a = signal(1);
    const double = computed(() => {
        works += 1;
        return a.value * 2;
    });
    assert.equal(works, 0);
    assert.equal(double.value, 2);
    assert.equal(double.value, 2);
    assert.equal(works, 1);
    a.value = 3;
    assert.equal(works, 1);
    assert.equal(double.value, 6);
});

test('a diamond is seen once, and whole', () => {
    const seen = [];
    const a = signal(1);
    const [b, c] = [computed(() => a.value + 1), computed(() => a.value * 10)];
    effect(() => {
        seen.push([b.value, c.value]);
    });
    a.value = 2;
    assert.deepEqual(seen, [
        [2, 10],
        [3, 20],
    ]);
});

test('several changes at once are told once', () => {
    const seen = [];
    const [a, b] = [signal(1), signal(1)];
    effect(() => {
        seen.push(a.value + b.value);
    });
    batch(() => {
        a.value = 2;
        b.value = 2;
    });
    assert.deepEqual(seen, [2, 4]);
});

test('a scope ends all that was begun in it, the last first', () => {
    const said = [];
    const a = signal(1);
    const { end } = scope(() => {
        effect(() => {
            said.push(a.value);
            return () => said.push('over');
        });
        ended(() => said.push('ended'));
    });
    end();
    a.value = 2;
    assert.deepEqual(said, [1, 'ended', 'over']);
});

test('an effect within another ends before the other runs again', () => {
    const seen = [];
    const [outer, inner] = [signal(1), signal('a')];
    effect(() => {
        const at = outer.value;
        effect(() => {
            seen.push(`${at}${inner.value}`);
        });
    });
    outer.value = 2;
    inner.value = 'b';
    assert.deepEqual(seen, ['1a', '2a', '2b']);
});

test('what is untracked, or peeked at, is not watched', () => {
    let runs = 0;
    const a = signal(1);
    effect(() => {
        runs += 1;
        untracked(() => a.value);
        a.peek();
    });
    a.value = 2;
    assert.equal(runs, 1);
});

test('an effect that fails leaves the others as they are', () => {
    const a = signal(1);
    const seen = [];
    effect(() => {
        if (a.value === 2) throw new Error('as asked');
    });
    assert.throws(() => {
        a.value = 2;
    }, /as asked/);
    effect(() => {
        seen.push(a.value);
    });
    a.value = 3;
    assert.deepEqual(seen, [2, 3]);
});

test('a computed value that comes out the same is nobody else’s business', () => {
    let runs = 0;
    const a = signal(1);
    const isOdd = computed(() => a.value % 2 === 1);
    effect(() => {
        runs += 1;
        void isOdd.value;
    });
    a.value = 3;
    assert.equal(runs, 1);
    a.value = 4;
    assert.equal(runs, 2);
});

test('a chain of computed values is worked out as far as it has changed', () => {
    const works = [];
    const a = signal(1);
    const half = computed(() => {
        works.push('half');
        return Math.floor(a.value / 2);
    });
    const square = computed(() => {
        works.push('square');
        return half.value ** 2;
    });
    assert.equal(square.value, 0);
    a.value = 0;
    assert.equal(square.value, 0);
    assert.deepEqual(works, ['square', 'half', 'half']);
    a.value = 6;
    assert.equal(square.value, 9);
});
