// The one setting of the mini program. The address must be https, and stand in the mini program's account under
// 业务域名 (for the web-view).

/** Where the product is reached, without a slash at the end. */
export const BASE_URL = "https://linghuo.example.cn";
