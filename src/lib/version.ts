/** The version of Weir; the same as in package.json and the chart, which a test holds. */
export const VERSION = '0.1.0';
