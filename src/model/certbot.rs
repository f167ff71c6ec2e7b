//! The service that gets certificates where `tls` says certbot: what the stack runs again and again, and a script once.

/// Its name.
pub const SERVICE: &str = "certbot";

/// Gets the first certificate, and a new one when it is time or when the names change; answered through the folder of the web server.
/// Its variables are the service's.
pub const LINE: &str = "certbot certonly --webroot --webroot-path /var/www/certbot --cert-name \"$CERTBOT_NAME\" \
    --domains \"$CERTBOT_DOMAINS\" --email \"$CERTBOT_EMAIL\" --agree-tos --no-eff-email --non-interactive --expand";
