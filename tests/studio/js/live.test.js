import assert from 'node:assert/strict';
import { beforeEach, mock, test } from 'node:test';

/** What a browser's stream looks like from the page; the test is the service. */
class Stream extends EventTarget {
    static opened = [];

    constructor(url) {
        super();
        this.url = new URL(url, 'http://here');
        this.isClosed = false;
        Stream.opened.push(this);
    }

    close() {
        this.isClosed = true;
    }

    send(type, data, id = '') {
        const event = new Event(type);
        this.dispatchEvent(Object.assign(event, { data: JSON.stringify(data), lastEventId: id }));
    }

    break() {
        this.dispatchEvent(new Event('error'));
    }
}

const answers = [];
let isThere = true;
let isAdmitted = true;
Object.assign(globalThis, {
    document: { documentElement: { dataset: {} } },
    EventSource: Stream,
    reportError: (error) => answers.push(error),
    fetch: async () => {
        if (!isThere) throw new TypeError('no network');
        return { status: 200, ok: true, json: async () => ({ is_admitted: isAdmitted }) };
    },
});
mock.timers.enable({ apis: ['setTimeout'] });

const STATIC = '../../../src/comfy_gen/studio/static';
const live = await import(`${STATIC}/core/live.js`);
const { isKeyWanted } = await import(`${STATIC}/core/api.js`);
const { session } = await import(`${STATIC}/core/session.js`);
const { effect } = await import(`${STATIC}/core/signals.js`);

const job = (id, state = 'queued', more = {}) => ({
    id,
    state,
    is_held: false,
    rank: 0,
    seq: Number(id.replace(/\D/g, '') || 0),
    ended: null,
    progress: 0,
    ...more,
});
const newest = () => Stream.opened.at(-1);
const snapshot = (jobs, more = {}, id = '100') =>
    newest().send('snapshot', { jobs, is_paused: false, is_whole: true, ...more }, id);
const stateOf = (id) => live.jobOf(id)?.peek().state;
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Let the pauses between attempts pass, and what is asked in them be answered. */
async function wait(milliseconds) {
    mock.timers.tick(milliseconds);
    await settled();
    await settled();
}

beforeEach(() => {
    live.disconnect();
    isThere = true;
    isAdmitted = true;
    isKeyWanted.value = false;
    live.connect();
});

test('jobs are known from the snapshot, and told of whenever they change', () => {
    const seen = [];
    const end = live.heed((one) => seen.push(`${one.id} ${one.state}`));
    snapshot([job('a'), job('b')]);
    newest().send('job', job('a', 'generating'), '101');
    end();
    newest().send('job', job('a', 'completed'), '102');
    assert.deepEqual(live.jobIds.value, ['a', 'b']);
    assert.deepEqual(seen, ['a queued', 'b queued', 'a generating']);
    assert.equal(stateOf('a'), 'completed');
    assert.equal(live.connection.value, 'open');
});

test('job that is told of again is the same job', () => {
    snapshot([job('a')]);
    const first = live.jobOf('a');
    snapshot([job('a', 'completed'), job('a', 'completed')]);
    assert.equal(live.jobOf('a'), first);
    assert.deepEqual(live.jobIds.value, ['a']);
});

test('stream that breaks is taken up from the moment of its last event', async () => {
    snapshot([job('a')], {}, '100.5');
    newest().send('job', job('a', 'generating'), '101.25');
    newest().break();
    await wait(250);
    assert.equal(newest().url.searchParams.get('since'), '101.25');
    assert.equal(Stream.opened.filter((one) => !one.isClosed).length, 1);
});

test('first stream asks from no moment on', () => {
    assert.equal(newest().url.searchParams.has('since'), false);
    assert.equal(newest().url.searchParams.get('previews'), 'data');
});

test('stream that only ended is back before anybody reads that it was gone', async () => {
    snapshot([]);
    newest().break();
    assert.equal(live.connection.value, 'open');
    await wait(250);
    snapshot([]);
    assert.equal(live.connection.value, 'open');
});

test('service that is gone is said, asked for ever more rarely, and its return is seen', async () => {
    snapshot([job('a', 'generating')]);
    isThere = false;
    newest().break();
    const before = Stream.opened.length;
    await wait(250);
    assert.equal(live.connection.value, 'broken');
    for (const pause of [500, 1000, 2000, 4000, 8000, 8000]) await wait(pause);
    assert.equal(Stream.opened.length, before);
    isThere = true;
    await wait(8000);
    assert.equal(Stream.opened.length, before + 1);
    snapshot([job('a', 'completed')]);
    assert.equal(live.connection.value, 'open');
    assert.equal(stateOf('a'), 'completed');
    newest().break();
    await wait(250);
    assert.equal(Stream.opened.length, before + 2, 'it begins with short pauses again');
});

test('answer that is an error is tried again like a stream that broke', async () => {
    newest().break();
    await wait(250);
    newest().break();
    assert.equal(live.connection.value, 'broken');
    await wait(500);
    snapshot([]);
    assert.equal(live.connection.value, 'open');
});

test('key is asked for where the one there was opens nothing any more', async () => {
    snapshot([]);
    isAdmitted = false;
    newest().break();
    const before = Stream.opened.length;
    await wait(250);
    assert.equal(isKeyWanted.value, true);
    await wait(60_000);
    assert.equal(Stream.opened.length, before);
});

test('nothing is taken from a stream that is not the one', async () => {
    const old = newest();
    snapshot([job('a')]);
    live.connect();
    old.send('job', job('a', 'failed'), '900');
    old.break();
    await wait(60_000);
    assert.equal(stateOf('a'), 'queued');
    assert.equal(newest().url.searchParams.get('since'), '100');
    assert.equal(old.isClosed, true);
});

test('who asks to connect while it is tried again has one stream', async () => {
    snapshot([]);
    newest().break();
    live.connect();
    const before = Stream.opened.length;
    await wait(60_000);
    assert.equal(Stream.opened.length, before);
});

test('what was deleted while nobody listened is gone, and what had ended stays', async () => {
    snapshot([job('a', 'generating'), job('b', 'completed'), job('c')]);
    newest().break();
    await wait(250);
    snapshot([job('c')]);
    assert.deepEqual(live.jobIds.value, ['b', 'c']);
    assert.equal(live.jobOf('a'), undefined);
});

test('of a line that is longer than what is told, those behind it stay', () => {
    const line = Array.from({ length: 500 }, (_, at) => job(`j${at + 10}`));
    snapshot([job('gone1', 'queued', { seq: 1 }), ...line.slice(0, 3)]);
    newest().send('job', job('far', 'queued', { seq: 9_999 }));
    snapshot(line, { is_whole: false });
    assert.equal(live.jobOf('gone1'), undefined, 'it would have been told of');
    assert.equal(stateOf('far'), 'queued');
    assert.equal(live.isLineWhole.value, false);
});

test('where only what ended is too much to tell, the line is whole', () => {
    snapshot([job('a', 'generating'), job('b', 'queued', { seq: 9_999 })]);
    snapshot([job('c')], { is_whole: false });
    assert.deepEqual(live.jobIds.value, ['c']);
    assert.equal(live.isLineWhole.value, true);
});

test('line of which too little is left is asked for again', () => {
    const line = Array.from({ length: 500 }, (_, at) => job(`j${at}`));
    snapshot(line, { is_whole: false });
    const before = Stream.opened.length;
    for (const one of line.slice(0, 250)) newest().send('job', { ...one, state: 'completed', ended: 1 });
    assert.equal(Stream.opened.length, before);
    newest().send('job', { ...line[250], state: 'completed', ended: 1 });
    assert.equal(Stream.opened.length, before + 1);
});

test('job that was deleted is gone', () => {
    snapshot([job('a'), job('b')]);
    newest().send('gone', { id: 'a' });
    assert.deepEqual(live.jobIds.value, ['b']);
});

test('pause of the queue is told by the snapshot and by its own event', () => {
    snapshot([], { is_paused: true });
    assert.equal(live.isPaused.value, true);
    newest().send('queue', { is_paused: false });
    assert.equal(live.isPaused.value, false);
});

test('preview is there until its job has ended, and again when it is run again', () => {
    snapshot([job('a', 'generating')]);
    const seen = live.previewOf('a');
    newest().send('preview', { job_id: 'a', url: 'data:1' });
    newest().send('preview', { job_id: 'unknown', url: 'data:2' });
    assert.equal(seen.value, 'data:1');
    assert.equal(live.previewOf('unknown').value, '');
    newest().send('job', job('a', 'failed'));
    assert.equal(seen.value, '');
    newest().send('job', job('a', 'generating'));
    newest().send('preview', { job_id: 'a', url: 'data:3' });
    assert.equal(seen.value, 'data:3');
});

test('progress touches the job alone, and not the lists', () => {
    snapshot([job('a', 'generating'), job('b')]);
    const runs = { a: -1, b: -1, lists: -1 };
    const ends = [
        effect(() => {
            void live.jobOf('a').value;
            runs.a += 1;
        }),
        effect(() => {
            void live.jobOf('b').value;
            runs.b += 1;
        }),
        effect(() => {
            void live.arrangement.value;
            runs.lists += 1;
        }),
    ];
    for (const progress of [1, 2, 3]) newest().send('job', job('a', 'generating', { progress }));
    assert.deepEqual(runs, { a: 3, b: 0, lists: 0 });
    newest().send('job', job('a', 'completed'));
    assert.deepEqual(runs, { a: 4, b: 0, lists: 1 });
    for (const end of ends) end();
});

test('snapshot is shown at once, and not job by job', () => {
    let runs = -1;
    const end = effect(() => {
        void live.arrangement.value;
        void live.jobIds.value;
        runs += 1;
    });
    snapshot(Array.from({ length: 50 }, (_, at) => job(`j${at}`)));
    assert.equal(runs, 1);
    end();
});

test('listener that fails keeps nobody else from being told', () => {
    const seen = [];
    const ends = [
        live.heed(() => {
            throw new Error('mine');
        }),
        live.heed((one) => seen.push(one.id)),
    ];
    snapshot([job('a')]);
    for (const end of ends) end();
    assert.deepEqual(seen, ['a']);
    assert.equal(answers.pop().message, 'mine');
});

test('somebody else sees nothing of who was here before', () => {
    session.value = { owner: 'anna', scopes: [] };
    live.connect();
    snapshot([job('a')]);
    live.connect();
    assert.deepEqual(live.jobIds.value, ['a'], 'anna is still anna');
    session.value = { owner: 'ben', scopes: [] };
    live.connect();
    assert.deepEqual(live.jobIds.value, []);
    assert.equal(newest().url.searchParams.has('since'), false);
    assert.equal(live.connection.value, 'beginning');
});

test('machine that wakes up looks at once, but not where nobody may', () => {
    const before = Stream.opened.length;
    live.wake();
    assert.equal(Stream.opened.length, before + 1);
    live.disconnect();
    live.wake();
    assert.equal(Stream.opened.length, before + 1);
});

test('page that is open for weeks forgets the oldest of those that have ended', () => {
    snapshot([job('first', 'generating')]);
    for (let at = 0; at < 3_000; at += 1) newest().send('job', job(`j${at}`, 'completed', { ended: at }));
    assert.equal(live.jobIds.value.length, 2_001);
    assert.equal(live.jobOf('j999'), undefined);
    assert.equal(stateOf('j1000'), 'completed');
    assert.equal(stateOf('first'), 'generating');
});

test('what is told of time counts from when it was heard', () => {
    snapshot([job('a')]);
    assert.ok(Math.abs(live.heardOf('a') - Date.now() / 1000) < 5);
    assert.equal(live.heardOf('nobody'), 0);
});
