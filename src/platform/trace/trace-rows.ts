/** Assigns every span to a row in which spans are nested or follow each other. */

/** A row of a viewer, which calls it a thread. */
export interface Row {
  readonly tid: number;
  readonly track: Track;
  /** The open spans, the innermost last. */
  readonly open: Open[];
}

export interface Track {
  readonly name: string;
  readonly rows: Row[];
}

/** An open span. */
export interface Open {
  readonly row: Row;
}

/** The most rows on one track; further spans are not shown. */
const rowsMax = 100;
/** Viewers sort rows by their number. */
const tidsPerTrack = 1_000;

export class Rows {
  readonly #tracks = new Map<string, Track>();
  readonly #onRow: (row: Row, name: string) => void;

  /** `onRow` is called for each new row. */
  constructor(onRow: (row: Row, name: string) => void) {
    this.#onRow = onRow;
  }

  /** The first row of a track. */
  first(track: string): Row {
    return this.#row(this.#track(track), 0);
  }

  /** Begins a span inside `parent` if that is the innermost of its row. Null: too many rows. */
  begin(track: string | undefined, parent: Open | undefined): Open | null {
    const its = track === undefined && parent ? parent.row.track : this.#track(track ?? daemonTrack);
    const within = parent !== undefined && parent.row.track === its && parent.row.open.at(-1) === parent;
    return open(within ? parent.row : this.#free(its, 0));
  }

  /** Begins a span that may outlive its parent: never in the first row of a track. */
  beside(parent: Open | undefined): Open | null {
    return open(this.#free(parent?.row.track ?? this.#track(daemonTrack), 1));
  }

  end(span: Open): void {
    const { open } = span.row;
    const at = open.lastIndexOf(span);
    if (at >= 0) open.splice(at, 1);
  }

  #track(name: string): Track {
    const known = this.#tracks.get(name);
    if (known) return known;
    const track = { name, rows: [] };
    this.#tracks.set(name, track);
    return track;
  }

  #free(track: Track, from: number): Row | null {
    for (let index = from; index < rowsMax; index++) {
      const row = this.#row(track, index);
      if (row.open.length === 0) return row;
    }
    return null;
  }

  #row(track: Track, index: number): Row {
    while (track.rows.length <= index) this.#addRow(track);
    return track.rows[index] as Row;
  }

  #addRow(track: Track): void {
    const place = [...this.#tracks.values()].indexOf(track) + 1;
    const row = { tid: place * tidsPerTrack + track.rows.length, track, open: [] };
    track.rows.push(row);
    this.#onRow(row, track.rows.length === 1 ? track.name : `${track.name} (beside)`);
  }
}

/** For spans of no upstream and no service. */
const daemonTrack = "daemon";

function open(row: Row | null): Open | null {
  if (row === null) return null;
  const span = { row };
  row.open.push(span);
  return span;
}
