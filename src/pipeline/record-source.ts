/** Where records come from: a stream of rows that have been split, but not yet read as records. */
import type { RecordKind } from '../core/records/record.ts';

/** What can be wrong with a row before it is looked at as a record. `message` names the remedy. */
export interface RowProblem {
  code:
    | 'bad_json'
    | 'line_too_long'
    | 'invalid_utf8'
    | 'bad_csv'
    | 'bad_header'
    | 'binary_file'
    | 'not_utf8'
    | 'truncated_gzip'
    | 'corrupt_gzip'
    | 'unreadable';
  message: string;
  /** The problem is the file's: nothing after this row is read. */
  endsFile: boolean;
}

export interface SourceRow {
  /** Counted from 1, by physical lines; 0: the file as a whole. */
  line: number;
  /** As it stands in the file, or its beginning. */
  text: string;
  raw?: unknown;
  problem?: RowProblem;
}

export interface RowChunk {
  rows: SourceRow[];
  /** Bytes of the file read so far, compressed as they are. */
  bytesRead: number;
}

export interface RecordSource {
  /** As people know it: the path they gave. */
  name: string;
  kind: RecordKind;
  /** Size of the file, for progress. */
  bytes: number;
  /** Never throws for bad input: problems are rows. */
  chunks(): AsyncIterable<RowChunk>;
}
