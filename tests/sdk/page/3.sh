curl -X POST https://api.leapocr.com/api/v1/ocr/uploads/direct \
  -H "X-API-Key: your-api-key" \
  -H "Content-Type: application/json" \
  -d '{
    "file_name": "document.pdf",
    "content_type": "application/pdf",
    "file_size": 1048576,
    "format": "structured",
    "schema": {
      "type": "object",
      "properties": {
        "invoice_number": {"type": "string"},
        "date": {"type": "string"},
        "total_amount": {"type": "number"}
      }
    },
    "instructions": "Extract invoice details from the document"
  }'
