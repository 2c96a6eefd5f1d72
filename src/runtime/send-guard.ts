import type { Dispatcher } from 'undici';

/** What a request may be given beside undici's own options. */
export interface Guarded {
  /**
   * Asked at the moment the request goes on the wire, which is long after it was made when it had to wait for a connection
   * or the process stood still. On false it fails without a byte being sent.
   */
  readonly mayGo?: () => boolean;
}

/** The dispatcher, asking for each request that has a `mayGo` whether it may still be sent. */
export function guarded(dispatcher: Dispatcher): Dispatcher {
  return dispatcher.compose((dispatch) => (options: Dispatcher.DispatchOptions & Guarded, handler) => {
    const { mayGo } = options;
    return dispatch(options, mayGo === undefined ? handler : guardedHandler(handler, mayGo));
  });
}

function guardedHandler(handler: Dispatcher.DispatchHandler, mayGo: () => boolean): Dispatcher.DispatchHandler {
  return {
    onRequestStart(controller, context) {
      // What is thrown here ends the request before it is written (undici 8, lib/dispatcher/client-h1.js).
      if (!mayGo()) throw new Error('not sent, another replica may lead by now');
      handler.onRequestStart?.(controller, context);
    },
    onRequestUpgrade: (...args) => handler.onRequestUpgrade?.(...args),
    onResponseStart: (...args) => handler.onResponseStart?.(...args),
    onResponseData: (...args) => handler.onResponseData?.(...args),
    onResponseEnd: (...args) => handler.onResponseEnd?.(...args),
    onResponseError: (...args) => handler.onResponseError?.(...args),
  };
}
