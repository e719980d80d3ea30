-- The provider's price list: one row in price_list once there is one, and its rows in prices.

CREATE TABLE price_list (
    list     BIGINT PRIMARY KEY,
    saved_at BIGINT NOT NULL
);

CREATE TABLE prices (
    offer         TEXT /*bytewise*/ NOT NULL,
    market        TEXT /*bytewise*/ NOT NULL,
    term          TEXT /*bytewise*/ NOT NULL,
    billing_cycle TEXT /*bytewise*/ NOT NULL,
    currency      TEXT NOT NULL,
    minor         BIGINT NOT NULL,
    PRIMARY KEY (offer, market, term, billing_cycle)
);
